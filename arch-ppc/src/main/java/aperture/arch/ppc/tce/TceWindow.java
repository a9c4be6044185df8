package aperture.arch.ppc.tce;

import aperture.iommu.PlatformTable;

/** One DMA window: bus addresses from an offset on, a table entry for each page. */
final class TceWindow {

  /** Attribute of the table: bus address of the first page. */
  static final String BUS_OFFSET = "bus_offset";

  /** Attribute of the table: log2 of the page size. */
  static final String PAGE_SHIFT = "page_shift";

  /** What {@link #indexOf} returns for an address outside the window. */
  static final long OUTSIDE = -1;

  private static final int LEAST_SHIFT = 12;
  private static final int LARGEST_SHIFT = 40;

  private final long liobn;
  private final PlatformTable table;
  private final long busOffset;
  private final int pageShift;
  private final long entries;

  private TceWindow(PlatformTable table, long busOffset, int pageShift) {
    this.liobn = table.id();
    this.table = table;
    this.busOffset = busOffset;
    this.pageShift = pageShift;
    this.entries = table.entries();
  }

  /** What keeps a table from being a window; empty when nothing does. */
  static String problem(PlatformTable table) {
    Long offset = table.attributes().get(BUS_OFFSET);
    Long shift = table.attributes().get(PAGE_SHIFT);
    if (offset == null || shift == null) {
      return "TCE table 0x%x has no %s"
          .formatted(table.id(), offset == null ? BUS_OFFSET : PAGE_SHIFT);
    }
    if (shift < LEAST_SHIFT || shift > LARGEST_SHIFT) {
      return "TCE table 0x%x has pages of 2^%d bytes; 2^%d to 2^%d are possible"
          .formatted(table.id(), shift, LEAST_SHIFT, LARGEST_SHIFT);
    }
    long span = table.entries() - 1 << shift;
    if ((offset & ((1L << shift) - 1)) != 0
        || span >>> shift != table.entries() - 1
        || Long.compareUnsigned(offset + span, offset) < 0) {
      return "TCE table 0x%x at bus address 0x%x is misaligned or wraps"
          .formatted(table.id(), offset);
    }
    return "";
  }

  /** The window of a table that has no {@link #problem}. */
  static TceWindow of(PlatformTable table) {
    return new TceWindow(
        table,
        table.attributes().getOrDefault(BUS_OFFSET, 0L),
        Math.toIntExact(table.attributes().getOrDefault(PAGE_SHIFT, 0L)));
  }

  long liobn() {
    return liobn;
  }

  /** The tag of cached translations through this window. */
  int domain() {
    return (int) liobn;
  }

  long busOffset() {
    return busOffset;
  }

  int pageShift() {
    return pageShift;
  }

  long pageSize() {
    return 1L << pageShift;
  }

  long entries() {
    return entries;
  }

  /** Index of the entry for a bus address, or {@link #OUTSIDE}. */
  long indexOf(long address) {
    if (Long.compareUnsigned(address, busOffset) < 0) {
      return OUTSIDE;
    }
    long index = address - busOffset >>> pageShift;
    return index < entries ? index : OUTSIDE;
  }

  /** Bus address of an entry's first byte. */
  long addressOf(long index) {
    return busOffset + (index << pageShift);
  }

  long get(long index) {
    return table.get(index);
  }

  void set(long index, long tce) {
    table.set(index, tce);
  }
}
