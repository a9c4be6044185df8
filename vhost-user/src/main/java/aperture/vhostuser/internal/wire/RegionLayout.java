package aperture.vhostuser.internal.wire;

/**
 * Memory regions, offsets in bytes, little-endian.
 *
 * <pre>
 *   table                              single            region
 *    0  number of regions (32)          0  pad (64)       0  guest-physical address (64)
 *    4  pad (32)                        8  region         8  size (64)
 *    8  regions, 32 bytes each                           16  front end's address (64)
 *                                                        24  offset in the file (64)
 * </pre>
 */
final class RegionLayout {

  static final int COUNT = 0;
  static final int TABLE_HEADER = 8;

  /** As many as descriptors fit into one message. */
  static final int MAX_REGIONS = 32;

  static final int SINGLE_HEADER = 8;

  static final int GUEST = 0;
  static final int SIZE = 8;
  static final int USER = 16;
  static final int OFFSET = 24;
  static final int LENGTH = 32;

  static final int SINGLE_LENGTH = SINGLE_HEADER + LENGTH;

  private RegionLayout() {}
}
