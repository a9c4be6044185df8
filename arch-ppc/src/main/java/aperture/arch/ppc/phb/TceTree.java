package aperture.arch.ppc.phb;

import aperture.iommu.Permission;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;

/**
 * One PE's tree as the kernel builds it: a table of 1,024 pointers, and under it tables of 1,024
 * pages of 4 KiB, made when first needed and kept until the PE goes. It reaches 4 GiB.
 *
 * <pre>
 *   31           22 21           12 11                 0
 *   +--------------+---------------+-------------------+
 *   | first table  | second table  |     in page       |
 *   +--------------+---------------+-------------------+
 * </pre>
 */
final class TceTree {

  static final int LEVELS = 2;
  static final int ENTRY_BITS = 10;
  static final int PAGE_SHIFT = 12;

  /** Bytes of each table. */
  static final long BYTES = 1L << ENTRY_BITS + PhbTceLayout.BYTES_SHIFT;

  private static final long INDEX_MASK = (1L << ENTRY_BITS) - 1;

  private final GuestMemory memory;
  private final PageAllocator pages;
  private final long root;

  /**
   * @param root address of the first table, in memory
   */
  TceTree(GuestMemory memory, PageAllocator pages, long root) {
    this.memory = memory;
    this.pages = pages;
    this.root = root;
  }

  /** A new, empty table; {@link PageAllocator#NO_MEMORY} when there is no room. */
  static long newTable(PageAllocator pages) {
    return pages.allocate(BYTES, BYTES);
  }

  /** Makes the tables for a range; false when memory is used up, what was made stays. */
  boolean prepare(long iova, long count) {
    long last = iova + (count - 1 << PAGE_SHIFT);
    for (long at = iova; tableOf(at) <= tableOf(last); at += 1L << PAGE_SHIFT + ENTRY_BITS) {
      long place = pointer(at);
      if (PhbTceLayout.isEmpty(memory.getBe64(place))) {
        long table = newTable(pages);
        if (table == PageAllocator.NO_MEMORY) {
          return false;
        }
        memory.putBe64(place, PhbTceLayout.pointer(table));
      }
    }
    return true;
  }

  /** Writes entries whose tables are there. */
  void put(long iova, long gpa, long count, Permission permission) {
    for (long page = 0; page < count; page++) {
      long done = page << PAGE_SHIFT;
      set(iova + done, PhbTceLayout.page(gpa + done, permission));
    }
  }

  void clear(long iova, long count) {
    for (long page = 0; page < count; page++) {
      set(iova + (page << PAGE_SHIFT), PhbTceLayout.EMPTY);
    }
  }

  /** Gives every table back. */
  void free() {
    long first = memory.offsetOf(root, BYTES);
    for (long i = 0; first != GuestMemory.NOT_MEMORY && i <= INDEX_MASK; i++) {
      long tce = memory.getBe64(first + (i << PhbTceLayout.BYTES_SHIFT));
      if (!PhbTceLayout.isEmpty(tce)) {
        pages.free(PhbTceLayout.table(tce), BYTES);
      }
    }
    pages.free(root, BYTES);
  }

  private void set(long iova, long tce) {
    long table = PhbTceLayout.table(memory.getBe64(pointer(iova)));
    long index = iova >>> PAGE_SHIFT & INDEX_MASK;
    long at = memory.offsetOf(table + (index << PhbTceLayout.BYTES_SHIFT), PhbTceLayout.BYTES);
    // The tables lie in memory that a guest can write: a pointer may lead anywhere by now.
    if (at != GuestMemory.NOT_MEMORY) {
      memory.putBe64(at, tce);
    }
  }

  private static long tableOf(long iova) {
    return iova >>> PAGE_SHIFT + ENTRY_BITS;
  }

  /** Where the pointer to an address's second table lies in memory. */
  private long pointer(long iova) {
    return memory.offsetOf(root, BYTES)
        + ((tableOf(iova) & INDEX_MASK) << PhbTceLayout.BYTES_SHIFT);
  }
}
