package aperture.arch.x86.amdvi;

import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;

/**
 * Builds and edits host page tables in guest memory, with the largest pages that alignment allows:
 * pages of a level's own size, and larger ones as rows of equal entries.
 *
 * <p>Where an entry lies is always found by walking from the root; nothing is remembered beside the
 * tables. They skip no level. A table stays where it was linked until its address space goes, so a
 * place that once held one gets smaller pages. Used under the lock of the machine's IOMMU; hardware
 * walks at the same time.
 */
final class HostTables {

  /** log2 of the largest page: the largest that a table of three levels can hold. */
  static final int MAX_SIZE_LOG2 = 38;

  private static final int PAGE = PageEntryLayout.PAGE_SIZE;
  private static final long MISSING = -1;

  private final GuestMemory memory;
  private final PageAllocator pages;

  // Where the last look ended: host offset of an entry, its level and its value.
  private long foundAt = MISSING;
  private int foundLevel;
  private long found;

  HostTables(GuestMemory memory, PageAllocator pages) {
    this.memory = memory;
    this.pages = pages;
  }

  /** One empty table. */
  long newTable() throws IommuException {
    long table = pages.allocate(PAGE, PAGE);
    if (table == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for tables");
    }
    return table;
  }

  /** A table of one level more, whose first entry is the table that was the root until now. */
  long above(long root, int levels) throws IommuException {
    long table = newTable();
    memory.putLe64(
        memory.offsetOf(table, PageEntryLayout.ENTRY_SIZE), PageEntryLayout.table(root, levels));
    // Whole before a device table entry names it; pairs with the walker's reads.
    VarHandle.releaseFence();
    return table;
  }

  /** Whether any page of a range is mapped. */
  boolean anyMapped(long root, int levels, long iova, long size) {
    long end = iova + size;
    for (long at = iova; at != end; at = behind(at, end)) {
      look(root, levels, at, 1);
      if (PageEntryLayout.present(found)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Maps a range whose pages are not mapped.
   *
   * @param permissions of each page
   * @throws IommuException when memory for tables is used up; nothing is mapped then
   */
  void map(long root, int levels, long iova, long gpa, long size, long permissions)
      throws IommuException {
    long end = iova + size;
    long target = gpa;
    for (long at = iova; at != end; ) {
      int sizeLog2 = fit(root, levels, at, largest(at, target, end - at));
      if (!link(PageEntryLayout.levelOf(sizeLog2), at)) {
        unmap(root, levels, iova, at - iova);
        throw new IommuException("no memory for tables, or a table points outside of it");
      }
      fill(sizeLog2, PageEntryLayout.page(target, sizeLog2, permissions));
      at += 1L << sizeLog2;
      target += 1L << sizeLog2;
    }
    // Before anybody is told the IOVA; pairs with the walker's reads from the root down.
    VarHandle.releaseFence();
  }

  /** Clears the entries of a range. The caller invalidates. */
  void unmap(long root, int levels, long iova, long size) {
    long end = iova + size;
    for (long at = iova; at != end; at = behind(at, end)) {
      look(root, levels, at, 1);
      if (PageEntryLayout.present(found)) {
        clear(at);
      }
    }
    // Cleared before the invalidation starts: a walk after it cannot find the old entry.
    VarHandle.fullFence();
  }

  /** Gives all pages of a tree back, its root among them. Nobody may reach it any more. */
  void free(long root, int levels) {
    // A tree has no more tables than memory has pages; one that a guest tied in a knot ends there.
    free(root, levels, memory.size() / PAGE);
  }

  private long free(long table, int level, long budget) {
    long left = budget - 1;
    long at = memory.offsetOf(table, PAGE);
    for (int i = 0; level > 1 && at >= 0 && i < PageEntryLayout.ENTRIES && left > 0; i++) {
      long entry = memory.getLe64(at + (long) i * PageEntryLayout.ENTRY_SIZE);
      if (PageEntryLayout.present(entry)
          && !PageEntryLayout.isPage(entry)
          && PageEntryLayout.nextLevel(entry) == level - 1) {
        left = free(PageEntryLayout.address(entry), level - 1, left);
      }
    }
    pages.free(table, PAGE);
    return left;
  }

  /** Walks down for an address, to a level at most, and ends at what is no table. */
  private void look(long root, int levels, long iova, int lowest) {
    long table = root;
    for (int level = levels; ; level--) {
      foundLevel = level;
      foundAt =
          memory.offsetOf(table + PageEntryLayout.offset(iova, level), PageEntryLayout.ENTRY_SIZE);
      found = foundAt == MISSING ? 0 : memory.getLe64(foundAt);
      if (level == lowest || !PageEntryLayout.present(found) || PageEntryLayout.isPage(found)) {
        return;
      }
      if (PageEntryLayout.nextLevel(found) != level - 1) {
        // Nothing that this driver builds: as if it were not there.
        foundAt = MISSING;
        found = 0;
        return;
      }
      table = PageEntryLayout.address(found);
    }
  }

  /** log2 of the largest page that two addresses and what is left of a range allow. */
  private static int largest(long iova, long gpa, long left) {
    int aligned = Long.numberOfTrailingZeros(iova | gpa);
    int whole = Long.SIZE - 1 - Long.numberOfLeadingZeros(left);
    return Math.min(Math.min(aligned, whole), MAX_SIZE_LOG2);
  }

  /** log2 of the largest page for which no table is in the way. Leaves the look at its level. */
  private int fit(long root, int levels, long iova, int largest) {
    int sizeLog2 = largest;
    while (true) {
      int leaf = PageEntryLayout.levelOf(sizeLog2);
      look(root, levels, iova, leaf);
      if (foundLevel > leaf || leaf == 1 || !anyTable(sizeLog2)) {
        return sizeLog2;
      }
      int own = PageEntryLayout.shift(leaf);
      sizeLog2 = sizeLog2 > own ? own : own - 1;
    }
  }

  private boolean anyTable(int sizeLog2) {
    for (int i = 0; foundAt != MISSING && i < entriesOf(sizeLog2); i++) {
      long entry = memory.getLe64(foundAt + (long) i * PageEntryLayout.ENTRY_SIZE);
      if (PageEntryLayout.present(entry) && !PageEntryLayout.isPage(entry)) {
        return true;
      }
    }
    return false;
  }

  /** How many entries of its level a page takes. */
  private static int entriesOf(int sizeLog2) {
    return 1 << sizeLog2 - PageEntryLayout.shift(PageEntryLayout.levelOf(sizeLog2));
  }

  /** Links empty tables from where the look ended down to a level; false when that cannot be. */
  private boolean link(int leaf, long iova) {
    while (foundLevel > leaf) {
      if (foundAt == MISSING || PageEntryLayout.present(found)) {
        return false;
      }
      long table = pages.allocate(PAGE, PAGE);
      if (table == PageAllocator.NO_MEMORY) {
        return false;
      }
      int level = foundLevel - 1;
      // The table is empty before hardware can reach it; pairs with the walker's reads.
      VarHandle.releaseFence();
      memory.putLe64(foundAt, PageEntryLayout.table(table, level));
      foundLevel = level;
      foundAt = memory.offsetOf(table, PAGE) + PageEntryLayout.offset(iova, level);
      found = 0;
    }
    return foundAt != MISSING;
  }

  private void fill(int sizeLog2, long entry) {
    for (int i = 0; i < entriesOf(sizeLog2); i++) {
      memory.putLe64(foundAt + (long) i * PageEntryLayout.ENTRY_SIZE, entry);
    }
  }

  /** Clears the page that the look found, all of its row where it has one. */
  private void clear(long iova) {
    int sizeLog2 = sizeLog2();
    long into = (iova & (1L << sizeLog2) - 1) >>> PageEntryLayout.shift(foundLevel);
    long first = foundAt - into * PageEntryLayout.ENTRY_SIZE;
    long count = 1L << sizeLog2 - PageEntryLayout.shift(foundLevel);
    for (long i = 0; i < count; i++) {
      memory.putLe64(first + i * PageEntryLayout.ENTRY_SIZE, 0);
    }
  }

  /** log2 of the size of the page that the look found; its level's own where it says nonsense. */
  private int sizeLog2() {
    return PageEntryLayout.sizeFits(found, foundLevel)
        ? PageEntryLayout.sizeLog2(found, foundLevel)
        : PageEntryLayout.shift(foundLevel);
  }

  /** Address behind what the look found, or the end of the range, whichever comes first. */
  private long behind(long at, long end) {
    int sizeLog2 = PageEntryLayout.present(found) ? sizeLog2() : PageEntryLayout.shift(foundLevel);
    long size = 1L << sizeLog2;
    long next = (at & -size) + size;
    return Long.compareUnsigned(next, end) < 0 ? next : end;
  }
}
