package aperture.arch.ppc.phb;

import aperture.iommu.IovaAllocator;
import aperture.memory.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/** What the kernel keeps of one PE: its tree, and which addresses are handed out. */
final class PeSpace {

  /** The first window: 2 GiB, below the message interrupts. */
  private static final MemoryRange WINDOW = new MemoryRange(0, 1L << 31);

  /** Kernels keep the page at address 0 back: drivers take it for "no address". */
  private static final MemoryRange PAGE_ZERO = new MemoryRange(0, 1L << TceTree.PAGE_SHIFT);

  private final int pe;
  private final TceTree tree;
  private final IovaAllocator addresses;

  PeSpace(int pe, TceTree tree, List<MemoryRange> reserved) {
    this.pe = pe;
    this.tree = tree;
    List<MemoryRange> withheld = new ArrayList<>(reserved);
    withheld.add(PAGE_ZERO);
    this.addresses = new IovaAllocator(WINDOW, TceTree.PAGE_SHIFT, withheld);
  }

  int pe() {
    return pe;
  }

  TceTree tree() {
    return tree;
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

  /** Pages of a mapping; more than the window has when it is too large to count. */
  static int pages(long size) {
    return (int) Math.min(size >>> TceTree.PAGE_SHIFT, Integer.MAX_VALUE);
  }
}
