package aperture.arch.x86.vtd;

/**
 * A legacy-mode context entry: 16 bytes, 256 in a table of 4 KiB, one for each device and function.
 *
 * <pre>
 *   low    63 .. HAW | HAW-1 .............. 12 | 11 .. 4  | 3  2 |  1  | 0
 *          reserved  | second-level table root | reserved |  TT  | FPD | P
 *   high   63 ...... 24 | 23 ... 8 |    7     | 6 ... 3 | 2 . 0
 *          reserved     |   DID    | reserved | ignored |  AW
 * </pre>
 *
 * <p>Source: Intel VT-d, rev 5.10, section 9.3, Context Entry.
 */
final class ContextEntryLayout {

  static final int SIZE = 16;
  static final int HIGH = 8;
  static final int ENTRIES = 256;
  static final long PRESENT = 1;
  static final long FAULTS_DISABLED = 1 << 1;

  /** Reserved in the low half beside the bits above the host address width. */
  static final long RESERVED_LOW = 0xff0;

  static final long RESERVED_HIGH = 0xffff_ffff_ff00_0080L;

  /** Requests are translated through the second-level table. */
  static final int TT_SECOND_LEVEL = 0;

  /** As 0, and device-TLB requests are allowed. */
  static final int TT_DEVICE_TLB = 1;

  /** Untranslated requests pass with the address unchanged. */
  static final int TT_PASS_THROUGH = 2;

  /** Largest address-width code with a meaning here: 57 bits. */
  static final int MAX_WIDTH_CODE = 3;

  private static final int TT_SHIFT = 2;
  private static final int TT_MASK = 3;
  private static final int WIDTH_MASK = 7;
  private static final int DOMAIN_SHIFT = 8;
  private static final int DOMAIN_MASK = 0xffff;
  private static final int LEVELS_OF_CODE_0 = 2;
  private static final int WIDTH_OF_CODE_0 = 30;

  private ContextEntryLayout() {}

  /** Offset of a requester's entry in its bus's context table. */
  static long offset(int requesterId) {
    return (long) (requesterId & 0xff) * SIZE;
  }

  static long low(long tableRoot, int translationType) {
    return tableRoot | (long) translationType << TT_SHIFT | PRESENT;
  }

  static long high(int domain, int levels) {
    return (long) domain << DOMAIN_SHIFT | widthCodeOf(levels);
  }

  static int translationType(long low) {
    return (int) (low >>> TT_SHIFT) & TT_MASK;
  }

  /** Address-width code. */
  static int widthCode(long high) {
    return (int) high & WIDTH_MASK;
  }

  static int domain(long high) {
    return (int) (high >>> DOMAIN_SHIFT) & DOMAIN_MASK;
  }

  /** Levels of the second-level table. */
  static int levels(int widthCode) {
    return widthCode + LEVELS_OF_CODE_0;
  }

  /** The code of tables of so many levels. */
  static int widthCodeOf(int levels) {
    return levels - LEVELS_OF_CODE_0;
  }

  /** Bits of the address space. */
  static int width(int widthCode) {
    return WIDTH_OF_CODE_0 + SecondLevelLayout.INDEX_BITS * widthCode;
  }
}
