package aperture.vhostuser.internal.wire;

/**
 * Payloads about one queue, offsets in bytes, little-endian.
 *
 * <pre>
 *   state             address                  file (64)             area
 *    0  index (32)     0  index (32)            7:0  index            0  as file (64)
 *    4  number (32)    4  flags (32)              8  no descriptor    8  size (64)
 *                      8  descriptors (64)                           16  offset (64)
 *                     16  used ring (64)
 *                     24  available ring (64)
 *                     32  log (64)
 * </pre>
 */
final class VringLayout {

  static final int INDEX = 0;

  static final int STATE_NUMBER = 4;
  static final int STATE_LENGTH = 8;

  static final int ADDRESS_FLAGS = 4;
  static final int ADDRESS_DESCRIPTORS = 8;
  static final int ADDRESS_USED = 16;
  static final int ADDRESS_AVAILABLE = 24;
  static final int ADDRESS_LOG = 32;
  static final int ADDRESS_LENGTH = 40;

  /** In the flags of an address: writes to the used ring go into the dirty log. */
  static final int LOG_USED = 1;

  static final int FILE_LENGTH = 8;
  static final long FILE_INDEX_MASK = 0xff;
  static final long FILE_NO_DESCRIPTOR = 0x100;

  static final int AREA_SIZE = 8;
  static final int AREA_OFFSET = 16;
  static final int AREA_LENGTH = 24;

  private VringLayout() {}
}
