package aperture.arch.arm64.smmu;

/**
 * The tables that a kernel builds for 48-bit IOVAs: the smallest pages that the SMMU has, and every
 * block that they can be.
 *
 * <pre>
 *   pages   first table                  blocks
 *    4 KiB  level 0,  512 entries        2 MiB, 1 GiB
 *   16 KiB  level 0,    2 entries        32 MiB
 *   64 KiB  level 1,   64 entries        512 MiB
 * </pre>
 *
 * <p>Source: Linux 6.1, drivers/iommu/io-pgtable-arm.c, arm_lpae_restrict_pgsizes and
 * arm_lpae_alloc_pgtable.
 *
 * @param pageShift log2 of the page size
 * @param firstLevel level of the first table
 * @param largestLeaf level of the largest blocks
 */
record TableShape(int pageShift, int firstLevel, int largestLeaf) {

  static final int INPUT_BITS = 48;

  /** Blocks of this level there are always. */
  static final int BLOCK_LEVEL = 2;

  static TableShape of(SmmuConfiguration c) {
    int shift = TableLayout.GRANULE_4K;
    while (shift < TableLayout.GRANULE_64K && !IdentificationLayout.granule(c.idr5(), shift)) {
      shift += 2;
    }
    return of(shift);
  }

  static TableShape of(int pageShift) {
    boolean large = TableLayout.isLeaf(TableLayout.VALID, 1, pageShift, TableLayout.NARROW_OUTPUT);
    return new TableShape(
        pageShift, TableLayout.startLevel(pageShift, INPUT_BITS), large ? 1 : BLOCK_LEVEL);
  }

  long page() {
    return 1L << pageShift;
  }

  /** Bytes that one entry of a level covers. */
  long reach(int level) {
    return 1L << TableLayout.shift(pageShift, level);
  }

  int entries(int level) {
    return level == firstLevel
        ? 1 << INPUT_BITS - TableLayout.shift(pageShift, level)
        : 1 << TableLayout.stride(pageShift);
  }

  /** Bytes of a table, and its alignment; a small first one has a page of the machine's anyway. */
  long tableBytes(int level) {
    return Math.max(1L << TableLayout.GRANULE_4K, (long) entries(level) * TableLayout.ENTRY_BYTES);
  }

  /** Address bits below those that the first table resolves. */
  int firstShift() {
    return TableLayout.shift(pageShift, firstLevel);
  }

  /**
   * Level of the largest leaf that can begin at these addresses and is not longer than what is
   * left.
   */
  int leafLevel(long addresses, long left) {
    for (int level = largestLeaf; level < TableLayout.LAST_LEVEL; level++) {
      long reach = reach(level);
      if (left >= reach && (addresses & reach - 1) == 0) {
        return level;
      }
    }
    return TableLayout.LAST_LEVEL;
  }
}
