package aperture.arch.x86.vtd;

/**
 * A scalable-mode context entry: 32 bytes, 128 in a table of 4 KiB, one for each function of half a
 * bus.
 *
 * <pre>
 *   word 0  63 .. HAW | HAW-1 ........ 12 | 11 .. 9 | 8 .. 5   |  4  |   3    |  2  |  1  | 0
 *           reserved  | PASID directory   |  PDTS   | reserved | PRE | PASIDE | DTE | FPD | P
 *   word 1  63 ...... 21 |    20    | 19 ......... 0
 *           reserved     | RID_PRIV | RID_PASID
 *   word 2, word 3       reserved
 * </pre>
 *
 * <p>The directory has 2^(PDTS+7) entries. RID_PASID stands for requests without PASID.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 9.4, Scalable-Mode Context Entry.
 */
final class ScalableContextLayout {

  static final int SIZE = 32;
  static final int ENTRIES = 128;
  static final int WORD_1 = 8;
  static final int WORD_2 = 16;
  static final int WORD_3 = 24;

  static final long PRESENT = 1;
  static final long FAULTS_DISABLED = 1 << 1;
  static final long DEVICE_TLB = 1 << 2;
  static final long PASIDS_ENABLED = 1 << 3;
  static final long SUPERVISOR = 1 << 20;

  /** Reserved in word 0 beside the bits above the host address width. */
  static final long RESERVED_0 = 0x1e0;

  static final long RESERVED_1 = -1L << 21;

  private static final int REQUESTER_MASK = 0x7f;
  private static final int DIRECTORY_SIZE_SHIFT = 9;
  private static final int DIRECTORY_SIZE_MASK = 7;
  private static final int DIRECTORY_SIZE_BASE = 7;
  private static final int PASID_MASK = 0xfffff;

  private ScalableContextLayout() {}

  /** Offset of a requester's entry in its half bus's context table. */
  static long offset(int requesterId) {
    return (long) (requesterId & REQUESTER_MASK) * SIZE;
  }

  /**
   * Word 0 of a present entry without the rights to use a device TLB or PASIDs.
   *
   * @param directoryEntries a power of two from 128 to 16384
   */
  static long word0(long directory, int directoryEntries) {
    int code = Integer.numberOfTrailingZeros(directoryEntries) - DIRECTORY_SIZE_BASE;
    return directory | (long) code << DIRECTORY_SIZE_SHIFT | PRESENT;
  }

  /** Entries of the PASID directory. */
  static int directoryEntries(long word0) {
    int code = (int) (word0 >>> DIRECTORY_SIZE_SHIFT) & DIRECTORY_SIZE_MASK;
    return 1 << code + DIRECTORY_SIZE_BASE;
  }

  /** The PASID that stands for requests without one. */
  static int ridPasid(long word1) {
    return (int) word1 & PASID_MASK;
  }
}
