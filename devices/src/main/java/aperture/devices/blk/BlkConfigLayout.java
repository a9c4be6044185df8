package aperture.devices.blk;

/**
 * The configuration space of a block device, little-endian, offsets in bytes.
 *
 * <pre>
 *     0  capacity (64), in sectors of 512 bytes
 *     8  size_max (32)                          12  seg_max (32)
 *    16  cylinders (16)  heads (8)  sectors (8) 20  blk_size (32)
 *    24  physical_block_exp (8)  alignment_offset (8)  min_io_size (16)
 *    28  opt_io_size (32)                       32  writeback (8)  -  num_queues (16)
 *    36  max_discard_sectors (32)               40  max_discard_seg (32)
 *    44  discard_sector_alignment (32)          48  max_write_zeroes_sectors (32)
 *    52  max_write_zeroes_seg (32)              56  write_zeroes_may_unmap (8)  -  -  -
 *    60  max_secure_erase_sectors (32)          64  max_secure_erase_seg (32)
 *    68  secure_erase_sector_alignment (32)     72  zoned characteristics (24 bytes)
 * </pre>
 *
 * <p>Fields of features that are not offered are zero.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Block Device", "Device configuration
 * layout".
 */
final class BlkConfigLayout {

  static final int SIZE = 96;

  static final int CAPACITY = 0;
  static final int SEG_MAX = 12;
  static final int BLK_SIZE = 20;
  static final int PHYSICAL_BLOCK_EXP = 24;
  static final int MIN_IO_SIZE = 26;
  static final int WRITEBACK = 32;
  static final int NUM_QUEUES = 34;
  static final int MAX_DISCARD_SECTORS = 36;
  static final int MAX_DISCARD_SEG = 40;
  static final int DISCARD_SECTOR_ALIGNMENT = 44;
  static final int MAX_WRITE_ZEROES_SECTORS = 48;
  static final int MAX_WRITE_ZEROES_SEG = 52;

  private BlkConfigLayout() {}
}
