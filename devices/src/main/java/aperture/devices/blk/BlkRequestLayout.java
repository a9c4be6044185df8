package aperture.devices.blk;

/**
 * A request: a readable part, then a writable part whose very last byte is the status.
 * Little-endian; where elements begin and end carries no meaning.
 *
 * <pre>
 *   readable:   0  type (32)   reserved (32)
 *               8  sector (64)
 *              16  data that the driver gives
 *   writable:   0  data that the driver gets
 *               n  status (8)
 * </pre>
 *
 * <p>The data of discard and write-zeroes is a list of segments:
 *
 * <pre>
 *   0  sector (64)      8  num_sectors (32)      12  flags (32): bit 0 unmap
 * </pre>
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Block Device", "Device Operation".
 */
final class BlkRequestLayout {

  static final int HEADER_BYTES = 16;
  static final int RESERVED_BYTES = 4;
  static final int STATUS_BYTES = 1;
  static final int ID_BYTES = 20;

  static final int SEGMENT_BYTES = 16;
  static final int FLAG_UNMAP = 1;

  /** The unit of sector numbers, whatever the block size. */
  static final int SECTOR_BYTES = 512;

  static final int TYPE_IN = 0;
  static final int TYPE_OUT = 1;
  static final int TYPE_FLUSH = 4;
  static final int TYPE_GET_ID = 8;
  static final int TYPE_DISCARD = 11;
  static final int TYPE_WRITE_ZEROES = 13;

  static final byte STATUS_OK = 0;
  static final byte STATUS_IOERR = 1;
  static final byte STATUS_UNSUPP = 2;

  private BlkRequestLayout() {}
}
