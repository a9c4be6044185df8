package aperture.arch.ppc.tce;

import aperture.iommu.IovaAllocator;
import aperture.memory.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel keeps beside a window: which of its addresses are handed out. All endpoints
 * behind one host bridge share it.
 */
final class DmaSpace {

  private final long liobn;
  private final int pageShift;
  private final IovaAllocator addresses;

  /**
   * @param reserved addresses never handed out
   */
  DmaSpace(TceWindow window, List<MemoryRange> reserved) {
    this.liobn = window.liobn();
    this.pageShift = window.pageShift();
    MemoryRange aperture =
        new MemoryRange(window.busOffset(), window.entries() << window.pageShift());
    List<MemoryRange> withheld = new ArrayList<>(reserved);
    if (window.busOffset() == 0) {
      // Kernels keep the page at address 0 back: drivers take it for "no address".
      withheld.add(new MemoryRange(0, window.pageSize()));
    }
    this.addresses = new IovaAllocator(aperture, pageShift, withheld);
  }

  long liobn() {
    return liobn;
  }

  /** Pages of a mapping; more than any window has when it is too large to count. */
  int pages(long size) {
    return (int) Math.min(size >>> pageShift, Integer.MAX_VALUE);
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
}
