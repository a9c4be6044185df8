package aperture.guest.blk;

/**
 * The fields of a block device's configuration space that the driver reads; little-endian, offsets
 * in bytes.
 *
 * <pre>
 *    0  capacity (64), in sectors of 512 bytes
 *    8  size_max (32)      12  seg_max (32)
 *   20  blk_size (32)      34  num_queues (16)
 * </pre>
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Block Device", "Device configuration
 * layout".
 */
final class BlkConfigLayout {

  static final int CAPACITY = 0;
  static final int SIZE_MAX = 8;
  static final int SEG_MAX = 12;
  static final int BLK_SIZE = 20;
  static final int NUM_QUEUES = 34;

  /** Bytes up to the end of the last field read. */
  static final int SIZE = 36;

  private BlkConfigLayout() {}
}
