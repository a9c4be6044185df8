package aperture.arch.x86.vtd;

import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;

/**
 * Tables that nobody uses yet, or any more: each holds the address of the next in its first word,
 * the last holds 0, and all else of them is 0. To a walk that still sees one, it is empty.
 */
final class TableChain {

  private static final int PAGE = SecondLevelLayout.PAGE_SIZE;

  private final GuestMemory memory;
  private final PageAllocator pages;

  TableChain(GuestMemory memory, PageAllocator pages) {
    this.memory = memory;
    this.pages = pages;
  }

  /**
   * Takes empty tables from the allocator.
   *
   * @throws IommuException when there are not so many; none is taken then
   */
  long take(int count) throws IommuException {
    long chain = 0;
    for (int i = 0; i < count; i++) {
      long table = pages.allocate(PAGE, PAGE);
      if (table == PageAllocator.NO_MEMORY) {
        giveBack(chain);
        throw new IommuException("no memory for tables");
      }
      chain = push(table, chain);
    }
    return chain;
  }

  /** Puts an empty table in front; returns the chain with it. */
  long push(long table, long chain) {
    memory.putLe64(memory.offsetOf(table, PAGE), chain);
    return table;
  }

  /** Takes the first table off, empty; returns the rest of the chain. */
  long pop(long chain) {
    long at = memory.offsetOf(chain, PAGE);
    long rest = memory.getLe64(at);
    memory.putLe64(at, 0);
    return rest;
  }

  void giveBack(long first) {
    for (long chain = first; chain != 0; ) {
      long next = memory.getLe64(memory.offsetOf(chain, PAGE));
      pages.free(chain, PAGE);
      chain = next;
    }
  }
}
