package aperture.arch.sparc.sun4v;

import aperture.iommu.PlatformTable;

/** One table: I/O addresses from a base on, an entry for each page. */
final class IoTable {

  /** What {@link #indexOf} returns for an address that the table does not have. */
  static final long OUTSIDE = -1;

  private final PlatformTable table;
  private final long base;
  private final int shift;

  private IoTable(PlatformTable table, long base, int shift) {
    this.table = table;
    this.base = base;
    this.shift = shift;
  }

  /** What keeps a platform table from being one; empty when nothing does. */
  static String problem(PlatformTable table) {
    Long base = table.attributes().get(RootComplex.BASE);
    Long shift = table.attributes().get(RootComplex.SHIFT);
    if (base == null || shift == null) {
      return "table %d has no %s"
          .formatted(table.id(), base == null ? RootComplex.BASE : RootComplex.SHIFT);
    }
    if (shift < 0 || shift >= Long.SIZE || !RootComplex.hasPages(1L << shift)) {
      return "table %d has pages of 2^%d bytes".formatted(table.id(), shift);
    }
    long span = table.entries() - 1 << shift;
    boolean wraps =
        span >>> shift != table.entries() - 1 || Long.compareUnsigned(base + span, base) < 0;
    return wraps || (base & (1L << shift) - 1) != 0
        ? "table %d at 0x%x is misaligned or wraps".formatted(table.id(), base)
        : "";
  }

  /** The table in one that has no {@link #problem}. */
  static IoTable of(PlatformTable table) {
    return new IoTable(
        table,
        table.attributes().getOrDefault(RootComplex.BASE, 0L),
        Math.toIntExact(table.attributes().getOrDefault(RootComplex.SHIFT, 0L)));
  }

  /** The handle, 0 for the first table; also the tag of cached translations. */
  int handle() {
    return (int) table.id();
  }

  long base() {
    return base;
  }

  long entries() {
    return table.entries();
  }

  long pageSize() {
    return 1L << shift;
  }

  long bytes() {
    return table.entries() << shift;
  }

  /** Where a guest gave memory for the table; 0 for the first one. */
  long realAddress() {
    return table.attributes().getOrDefault(RootComplex.REAL_ADDRESS, 0L);
  }

  long indexOf(long address) {
    if (Long.compareUnsigned(address, base) < 0) {
      return OUTSIDE;
    }
    long index = address - base >>> shift;
    return index < table.entries() ? index : OUTSIDE;
  }

  boolean has(long index) {
    return index >= 0 && index < table.entries();
  }

  long addressOf(long index) {
    return base + (index << shift);
  }

  long get(long index) {
    return table.get(index);
  }

  void set(long index, long entry) {
    table.set(index, entry);
  }
}
