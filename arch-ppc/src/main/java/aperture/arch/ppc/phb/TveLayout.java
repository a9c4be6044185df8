package aperture.arch.ppc.phb;

/**
 * A translation validation entry: where the tables of one window lie and what shape they have.
 *
 * <pre>
 *   63                              16 15   13 12        8  7   6  5 4         0
 *   +---------------------------------+-------+-----------+----+----+-----------+
 *   |        table address >> 12      |levels |   size    |pass| -  | page code |
 *   +---------------------------------+-------+-----------+----+----+-----------+
 *
 *   page code 0: nothing is translated, addresses from start up to end pass
 *   63               40 39            16 15  13 12 11    10 9    8 7    6  5 4  0
 *   +------------------+----------------+------+--+--------+------+----+----+----+
 *   |   start 47:24    |   end 47:24    |  0   |1 |st 49:48|e49:48|pass| -  | 0  |
 *   +------------------+----------------+------+--+--------+------+----+----+----+
 * </pre>
 *
 * <p>Levels counts those above the last, 4 at most. Each table has 2^(size+8) entries; size 0 makes
 * the entry invalid. A page has 2^(code+11) bytes. The pass bit is known to PHB4 alone.
 *
 * <p>Sources: skiboot, include/phb3-regs.h and phb4-regs.h (IODA2_TVT_*, IODA3_TVT_*) and
 * hw/phb4.c, phb4_map_pe_dma_window_real; QEMU 7.2, hw/pci-host/pnv_phb4.c, pnv_phb4_translate_tve.
 */
final class TveLayout {

  /** Translates nothing and lets nothing pass. */
  static final long INVALID = 0;

  static final int MAX_LEVELS = 4;

  /** Start and end of what passes are multiples of this. */
  static final int PASS_SHIFT = 24;

  private static final int ADDRESS_SHIFT = 16;
  private static final int TABLE_SHIFT = 12;
  private static final int LEVELS_SHIFT = 13;
  private static final long LEVELS_MASK = 7;
  private static final int SIZE_SHIFT = 8;
  private static final long SIZE_MASK = 0x1f;
  private static final int SIZE_BIAS = 8;
  private static final long PASS = 1L << 7;
  private static final long PAGE_MASK = 0x1f;
  private static final int PAGE_BIAS = 11;

  private static final long NO_TABLE = 1L << 12;
  private static final int START_SHIFT = 40;
  private static final int END_SHIFT = 16;
  private static final int LOW_BITS = 24;
  private static final long LOW_MASK = (1L << LOW_BITS) - 1;
  private static final int START_HIGH_SHIFT = 10;
  private static final int END_HIGH_SHIFT = 8;
  private static final long HIGH_MASK = 3;

  private TveLayout() {}

  /**
   * An entry that translates.
   *
   * @param levels tables on the way, 1 to 5
   * @param entryBits log2 of the entries of each table
   */
  static long translating(long table, int levels, int entryBits, int pageShift) {
    return table >>> TABLE_SHIFT << ADDRESS_SHIFT
        | (long) (levels - 1) << LEVELS_SHIFT
        | (long) (entryBits - SIZE_BIAS) << SIZE_SHIFT
        | pageShift - PAGE_BIAS;
  }

  /** An entry that lets addresses from start up to end pass. */
  static long passing(PhbModel model, long start, long end) {
    long first = start >>> PASS_SHIFT;
    long last = end >>> PASS_SHIFT;
    return (first & LOW_MASK) << START_SHIFT
        | (last & LOW_MASK) << END_SHIFT
        | (first >>> LOW_BITS & HIGH_MASK) << START_HIGH_SHIFT
        | (last >>> LOW_BITS & HIGH_MASK) << END_HIGH_SHIFT
        | NO_TABLE
        | (model.needsPassBit() ? PASS : 0);
  }

  static long table(long tve) {
    return tve >>> ADDRESS_SHIFT << TABLE_SHIFT;
  }

  /** Levels above the last; more than {@link #MAX_LEVELS} makes no sense. */
  static int levels(long tve) {
    return (int) (tve >>> LEVELS_SHIFT & LEVELS_MASK);
  }

  /** Whether the entry has no tables and lets nothing pass. */
  static boolean isInvalid(long tve) {
    return (tve >>> SIZE_SHIFT & SIZE_MASK) == 0;
  }

  static int entryBits(long tve) {
    return (int) (tve >>> SIZE_SHIFT & SIZE_MASK) + SIZE_BIAS;
  }

  /** Log2 of the page size; 0 when nothing is translated. */
  static int pageShift(long tve) {
    int code = (int) (tve & PAGE_MASK);
    return code == 0 ? 0 : code + PAGE_BIAS;
  }

  /** Whether an entry that translates nothing says so properly. */
  static boolean passes(PhbModel model, long tve) {
    return (tve & NO_TABLE) != 0 && (!model.needsPassBit() || (tve & PASS) != 0);
  }

  /** First address that passes. */
  static long start(long tve) {
    return (tve >>> START_SHIFT & LOW_MASK | (tve >>> START_HIGH_SHIFT & HIGH_MASK) << LOW_BITS)
        << PASS_SHIFT;
  }

  /** First address that no longer passes. */
  static long end(long tve) {
    return (tve >>> END_SHIFT & LOW_MASK | (tve >>> END_HIGH_SHIFT & HIGH_MASK) << LOW_BITS)
        << PASS_SHIFT;
  }

  static String decode(PhbModel model, long tve) {
    if (isInvalid(tve)) {
      return "invalid";
    }
    if (pageShift(tve) != 0) {
      return "table 0x%x, %d levels of 2^%d entries, pages of 2^%d bytes"
          .formatted(table(tve), levels(tve) + 1, entryBits(tve), pageShift(tve));
    }
    return passes(model, tve)
        ? "passes 0x%x up to 0x%x".formatted(start(tve), end(tve))
        : "page code 0 without the mark of passing";
  }
}
