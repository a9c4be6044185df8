package aperture.arch.x86.vtd;

/**
 * A root entry: 16 bytes, 256 in a table of 4 KiB, one for each bus.
 *
 * <pre>
 *   low    63 .. HAW | HAW-1 ............ 12 | 11 .... 1 | 0
 *          reserved  | context table pointer | reserved  | P
 *   high   63 ......................................... 0
 *          reserved
 * </pre>
 *
 * <p>In scalable mode the two halves are alike, and the high one is for the functions from 128 on.
 *
 * <p>Source: Intel VT-d, rev 5.10, sections 9.1, Root Entry, and 9.2, Scalable-Mode Root Entry.
 */
final class RootEntryLayout {

  static final int SIZE = 16;
  static final int HIGH = 8;
  static final long PRESENT = 1;

  /** Reserved in the low half beside the bits above the host address width. */
  static final long RESERVED_LOW = 0xffe;

  static final int BUSES = 256;

  private static final int UPPER_FUNCTIONS = 0x80;

  private RootEntryLayout() {}

  /** Offset of a requester's entry in the root table. */
  static long offset(int requesterId) {
    return (long) (requesterId >>> 8) * SIZE;
  }

  /** Offset of a requester's half of an entry in a scalable-mode root table. */
  static long scalableOffset(int requesterId) {
    return offset(requesterId) + ((requesterId & UPPER_FUNCTIONS) != 0 ? HIGH : 0);
  }
}
