package aperture.arch.x86.vtd;

/**
 * A PASID table entry: 64 bytes, 64 in a table of 4 KiB. The words after the third are not read.
 *
 * <pre>
 *   word 0  63 .. HAW | HAW-1 ........ 12 | 11 10    |   9   | 8 . 6 |  5   | 4 2 |  1  | 0
 *           reserved  | second-level root | reserved | SSADE | PGTT  | SSEE | AW  | FPD | P
 *   word 1  63 32 PAT | 31 .. 25 caching | 24 PGSNP | 23 PWSNP | 22 .. 16 reserved | 15 .. 0 DID
 *   word 2  63 .. HAW | HAW-1 ........ 12 | 11 . 8   | 7 EAFE | 6 SMEP | 5 NXE | 4 WPE
 *           reserved  | first-level root  | reserved | 3 2 FSPM | 1 ERE | 0 SRE
 * </pre>
 *
 * <p>PGTT says which tables translate. AW is coded as in a legacy context entry; FSPM 0 is 4 levels
 * and 1 is 5.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 9.6, Scalable-Mode PASID Table Entry.
 */
final class PasidEntryLayout {

  static final int SIZE = 64;
  static final int WORD_1 = 8;
  static final int WORD_2 = 16;
  static final int INDEX_BITS = 6;

  static final long PRESENT = 1;
  static final long FAULTS_DISABLED = 1 << 1;
  static final long TABLE = -1L << 12;

  static final int FIRST_LEVEL = 1;
  static final int SECOND_LEVEL = 2;
  static final int NESTED = 3;
  static final int PASS_THROUGH = 4;

  static final long SUPERVISOR_ENABLED = 1;
  static final long WRITE_PROTECT = 1 << 4;

  /** Reserved beside the bits above the host address width. */
  static final long RESERVED_0 = 0xc00;

  static final long RESERVED_1 = 0x7f_0000;
  static final long RESERVED_2 = 0xf00;

  private static final int TYPE_SHIFT = 6;
  private static final int TYPE_MASK = 7;
  private static final int WIDTH_SHIFT = 2;
  private static final int WIDTH_MASK = 7;
  private static final int DOMAIN_MASK = 0xffff;
  private static final int MODE_SHIFT = 2;
  private static final int MODE_MASK = 3;

  private PasidEntryLayout() {}

  /** Offset of a PASID's entry in its table. */
  static long offset(int pasid) {
    return (long) (pasid & (1 << INDEX_BITS) - 1) * SIZE;
  }

  /**
   * Word 0 of a present entry.
   *
   * @param root of the second-level table, 0 without one
   * @param type PGTT
   * @param widthCode address-width code
   */
  static long word0(long root, int type, int widthCode) {
    return root | (long) type << TYPE_SHIFT | (long) widthCode << WIDTH_SHIFT | PRESENT;
  }

  static long word1(int domain) {
    return domain;
  }

  /** PGTT: which tables translate. */
  static int type(long word0) {
    return (int) (word0 >>> TYPE_SHIFT) & TYPE_MASK;
  }

  /** Address-width code of the second-level table. */
  static int widthCode(long word0) {
    return (int) (word0 >>> WIDTH_SHIFT) & WIDTH_MASK;
  }

  static int domain(long word1) {
    return (int) word1 & DOMAIN_MASK;
  }

  /** First-stage paging mode. */
  static int mode(long word2) {
    return (int) (word2 >>> MODE_SHIFT) & MODE_MASK;
  }
}
