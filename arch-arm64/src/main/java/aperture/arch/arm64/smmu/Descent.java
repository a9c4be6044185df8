package aperture.arch.arm64.smmu;

/**
 * The way down from a first table: what granule and level of that table say together, worked out
 * once for all walks.
 */
final class Descent {

  private static final int GRANULES = 3;
  private static final int LEVELS = TableLayout.LAST_LEVEL + 1;

  private static final Descent[][] ALL = new Descent[GRANULES][LEVELS];
  private static final Descent[][] BY_INPUT_BITS = new Descent[GRANULES][Long.SIZE];

  static {
    for (int i = 0; i < GRANULES; i++) {
      int granule = TableLayout.GRANULE_4K + 2 * i;
      for (int level = 0; level < LEVELS; level++) {
        ALL[i][level] = new Descent(granule, level);
      }
      for (int bits = 0; bits < Long.SIZE; bits++) {
        int level = TableLayout.startLevel(granule, bits);
        BY_INPUT_BITS[i][bits] = ALL[i][Math.clamp(level, 0, TableLayout.LAST_LEVEL)];
      }
    }
  }

  /** Log2 of the page size. */
  final int granule;

  /** Of the first table. */
  final int level;

  /** Address bits below those that the first table resolves. */
  final int shift;

  /** Address bits that each further table resolves. */
  final int stride;

  private Descent(int granule, int level) {
    this.granule = granule;
    this.level = level;
    shift = TableLayout.shift(granule, level);
    stride = TableLayout.stride(granule);
  }

  /** From the first table for addresses of as many bits as a context can legally have. */
  static Descent forInput(int granule, int inputBits) {
    return BY_INPUT_BITS[index(granule)][inputBits];
  }

  static Descent fromLevel(int granule, int level) {
    return ALL[index(granule)][level];
  }

  private static int index(int granule) {
    return (granule - TableLayout.GRANULE_4K) / 2;
  }
}
