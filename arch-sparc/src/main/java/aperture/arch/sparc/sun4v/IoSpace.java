package aperture.arch.sparc.sun4v;

import aperture.iommu.IovaAllocator;
import aperture.memory.MemoryRange;
import java.util.List;

/** What the kernel keeps of one table: which of its addresses are handed out. */
final class IoSpace {

  private final IoTable table;
  private final IovaAllocator addresses;

  IoSpace(IoTable table, List<MemoryRange> reserved) {
    this.table = table;
    this.addresses =
        new IovaAllocator(
            new MemoryRange(table.base(), table.bytes()), RootComplex.PAGE_SHIFT, reserved);
  }

  int handle() {
    return table.handle();
  }

  boolean contains(long iova) {
    return table.indexOf(iova) != IoTable.OUTSIDE;
  }

  long index(long iova) {
    return table.indexOf(iova);
  }

  long allocate(int pages, long limit) {
    return addresses.allocate(pages, limit);
  }

  boolean take(long iova, int pages) {
    return addresses.take(iova, pages);
  }

  void free(long iova, int pages) {
    addresses.free(iova, pages);
  }

  /** Pages of a mapping; more than any table has when it is too large to count. */
  static int pages(long size) {
    return (int) Math.min(size >>> RootComplex.PAGE_SHIFT, Integer.MAX_VALUE);
  }
}
