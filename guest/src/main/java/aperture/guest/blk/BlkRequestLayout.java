package aperture.guest.blk;

/**
 * What frames the data of a request, and where this driver keeps it: one frame for each slot, in
 * memory that driver and device share. Little-endian, offsets in bytes.
 *
 * <pre>
 *    0  type (32)  reserved (32)     read by the device
 *    8  sector (64)
 *   16  status (8)                   written by the device
 *   17  unused
 * </pre>
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Block Device", "Device Operation".
 */
final class BlkRequestLayout {

  static final int TYPE = 0;
  static final int RESERVED = 4;
  static final int SECTOR = 8;
  static final int HEADER_BYTES = 16;
  static final int STATUS = 16;
  static final int STATUS_BYTES = 1;
  static final int FRAME_BYTES = 32;

  /** Elements of a request that are not data. */
  static final int FRAME_ELEMENTS = 2;

  static final int TYPE_IN = 0;
  static final int TYPE_OUT = 1;
  static final int TYPE_FLUSH = 4;

  static final byte STATUS_OK = 0;

  /** No status of any device: tells whether one was written at all. */
  static final byte STATUS_NONE = (byte) 0xff;

  /** The unit of sector numbers. */
  static final int SECTOR_BYTES = 512;

  private BlkRequestLayout() {}
}
