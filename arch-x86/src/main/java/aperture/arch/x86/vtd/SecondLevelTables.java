package aperture.arch.x86.vtd;

import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;
import java.util.HashSet;
import java.util.Set;

/**
 * Builds and edits second-level tables in guest memory, with the largest pages that fit.
 *
 * <p>Where a table lies is always found by walking from the root; nothing is remembered beside the
 * tables. All table pages that a mapping needs are taken before the first entry is written, chained
 * through their own first words, so that running out of memory changes nothing. Used under the lock
 * of the machine's IOMMU; hardware walks at the same time.
 */
final class SecondLevelTables {

  private static final int PAGE = SecondLevelLayout.PAGE_SIZE;
  private static final long MISSING = -1;
  private static final long NO_TABLE = 0;

  private final GuestMemory memory;
  private final TableChain chains;
  private final PageAllocator pages;

  /** Where the table lies in which {@link #descend} ended: host offset, or {@link #MISSING}. */
  private long reached;

  SecondLevelTables(GuestMemory memory, PageAllocator pages) {
    this.memory = memory;
    this.pages = pages;
    chains = new TableChain(memory, pages);
  }

  /** One empty table. */
  long newTable() throws IommuException {
    long table = pages.allocate(PAGE, PAGE);
    if (table == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for tables");
    }
    return table;
  }

  /** Whether any page of a range is mapped. */
  boolean anyMapped(long root, int levels, long iova, long size) {
    long end = iova + size;
    for (long at = iova; at != end; ) {
      int level = descend(root, levels, at, 1);
      if (reached == MISSING || level > 1) {
        if (reached != MISSING && present(memory.getLe64(entryAt(at, level)))) {
          return true;
        }
        at = next(at, end, level);
        continue;
      }
      for (long stop = next(at, end, SecondLevelLayout.LEVEL_2M); at != stop; at += PAGE) {
        if (present(memory.getLe64(entryAt(at, 1)))) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Maps a range whose pages are not mapped.
   *
   * @param largest level of the largest pages that the unit takes, 1 to 3
   * @param flags permission bits of each leaf
   * @return chain of tables that large pages took the place of, 0 for none; the caller invalidates
   *     the range, and then gives them back with {@link #giveBack}
   * @throws IommuException when memory for tables is used up, or the tables are damaged; nothing
   *     changed then
   */
  long map(long root, int levels, int largest, long iova, long gpa, long size, long flags)
      throws IommuException {
    long chain = chains.take(missingTables(root, levels, largest, iova, gpa, size));
    long replaced = NO_TABLE;
    long end = iova + size;
    long target = gpa;
    for (long at = iova; at != end; ) {
      int level = pageLevel(root, levels, largest, at, target, end - at);
      if (descend(root, levels, at, level) > level) {
        chain = link(root, levels, at, level, chain);
        descend(root, levels, at, level);
      }
      if (reached == MISSING) {
        // Somebody else writes to our tables at this moment. What was replaced is lost, not reused.
        unmap(root, levels, iova, at - iova);
        chains.giveBack(chain);
        throw new IommuException("a table for 0x%x points outside of memory".formatted(at));
      }
      if (level > 1) {
        long old = memory.getLe64(entryAt(at, level));
        memory.putLe64(entryAt(at, level), target | flags | SecondLevelLayout.PAGE);
        boolean table = isTable(old) && memory.offsetOf(address(old), PAGE) != MISSING;
        replaced = table ? chains.push(address(old), replaced) : replaced;
        at += 1L << SecondLevelLayout.shift(level);
        target += 1L << SecondLevelLayout.shift(level);
        continue;
      }
      for (long stop = next(at, end, SecondLevelLayout.LEVEL_2M); at != stop; ) {
        memory.putLe64(entryAt(at, 1), target | flags);
        at += PAGE;
        target += PAGE;
      }
    }
    // Before anybody is told the IOVA; pairs with the walker's reads from the root down.
    VarHandle.releaseFence();
    return replaced;
  }

  /** Gives replaced tables back. No walk may reach them any more. */
  void giveBack(long chain) {
    chains.giveBack(chain);
  }

  /** Clears the entries of a range. The caller invalidates. */
  void unmap(long root, int levels, long iova, long size) {
    long end = iova + size;
    for (long at = iova; at != end; ) {
      int level = descend(root, levels, at, 1);
      if (reached == MISSING || level > 1) {
        if (reached != MISSING) {
          memory.putLe64(entryAt(at, level), 0);
        }
        at = next(at, end, level);
        continue;
      }
      for (long stop = next(at, end, SecondLevelLayout.LEVEL_2M); at != stop; at += PAGE) {
        memory.putLe64(entryAt(at, 1), 0);
      }
    }
    // Cleared before the invalidation starts: a walk after it cannot find the old entry.
    VarHandle.fullFence();
  }

  /** Gives all pages of a tree back, its root among them. Nobody may reach it any more. */
  void free(long root, int levels) {
    free(root, levels, new HashSet<>());
  }

  /**
   * Each table once, however often it is linked: a tree that a guest tied in a knot has no more
   * tables than memory has pages, and none is given back twice.
   */
  private void free(long table, int level, Set<Long> seen) {
    long at = memory.offsetOf(table, PAGE);
    if (at == MISSING || !seen.add(table)) {
      return;
    }
    for (int i = 0; level > 1 && i < SecondLevelLayout.ENTRIES; i++) {
      long entry = memory.getLe64(at + (long) i * SecondLevelLayout.ENTRY_SIZE);
      if (isTable(entry)) {
        free(address(entry), level - 1, seen);
      }
    }
    pages.free(table, PAGE);
  }

  /**
   * Goes down to the table of a level, or as far as there are tables; leaves the place of the one
   * where it ends in {@link #reached}.
   *
   * @return level of that table
   */
  private int descend(long root, int levels, long iova, int lowest) {
    reached = memory.offsetOf(root, PAGE);
    int level = levels;
    while (level > lowest && reached != MISSING) {
      long entry = memory.getLe64(entryAt(iova, level));
      if (!isTable(entry)) {
        break;
      }
      reached = memory.offsetOf(address(entry), PAGE);
      level--;
    }
    return level;
  }

  /** Host offset of an address's entry in the table that was reached. */
  private long entryAt(long iova, int level) {
    return reached + SecondLevelLayout.offset(iova, level);
  }

  private static boolean present(long entry) {
    return (entry & SecondLevelLayout.PERMISSIONS) != 0;
  }

  private static boolean isTable(long entry) {
    return present(entry) && (entry & SecondLevelLayout.PAGE) == 0;
  }

  private static long address(long entry) {
    return entry & SecondLevelLayout.ADDRESS;
  }

  /** End of the range or of what the entry of a level covers, whichever comes first. */
  private static long next(long at, long end, int level) {
    long covered = 1L << SecondLevelLayout.shift(level);
    long stop = (at & -covered) + covered;
    return Long.compareUnsigned(stop, end) < 0 ? stop : end;
  }

  /** Level of the page to put at an address: the largest that is aligned, fits and is free. */
  private int pageLevel(long root, int levels, int largest, long iova, long gpa, long left) {
    int level = Math.min(largest, levels - 1);
    while (level > 1 && !(aligned(iova | gpa, left, level) && free(root, levels, iova, level))) {
      level--;
    }
    return level;
  }

  private static boolean aligned(long addresses, long left, int level) {
    long size = 1L << SecondLevelLayout.shift(level);
    return (addresses & size - 1) == 0 && Long.compareUnsigned(left, size) >= 0;
  }

  /** Whether a large page may take an entry: nothing is there, or a table without an entry. */
  private boolean free(long root, int levels, long iova, int level) {
    if (descend(root, levels, iova, level) > level || reached == MISSING) {
      return true;
    }
    long entry = memory.getLe64(entryAt(iova, level));
    long below = isTable(entry) ? memory.offsetOf(address(entry), PAGE) : MISSING;
    if (below == MISSING) {
      return !present(entry);
    }
    for (int i = 0; i < SecondLevelLayout.ENTRIES; i++) {
      if (memory.getLe64(below + (long) i * SecondLevelLayout.ENTRY_SIZE) != 0) {
        return false;
      }
    }
    return true;
  }

  private int missingTables(long root, int levels, int largest, long iova, long gpa, long size)
      throws IommuException {
    int missing = 0;
    long end = iova + size;
    for (long at = iova; at != end; ) {
      int page = pageLevel(root, levels, largest, at, gpa + (at - iova), end - at);
      int present = descend(root, levels, at, page);
      if (reached == MISSING) {
        throw new IommuException("a table for 0x%x points outside of memory".formatted(at));
      }
      for (int below = present - 1; below >= page; below--) {
        // A table is counted where the range first enters what it covers.
        long covered = 1L << SecondLevelLayout.shift(below + 1);
        if (at == iova || (at & covered - 1) == 0) {
          missing++;
        }
      }
      at = next(at, end, Math.max(page, SecondLevelLayout.LEVEL_2M));
    }
    return missing;
  }

  /** Links tables from the chain down to a level; returns what is left of the chain. */
  private long link(long root, int levels, long iova, int lowest, long chain) {
    long rest = chain;
    for (int level = descend(root, levels, iova, lowest); level > lowest; ) {
      if (reached == MISSING || rest == NO_TABLE) {
        reached = MISSING;
        return rest;
      }
      long at = entryAt(iova, level);
      long fresh = rest;
      rest = chains.pop(fresh);
      // The table is empty before hardware can reach it; pairs with the walker's reads.
      VarHandle.releaseFence();
      memory.putLe64(at, fresh | SecondLevelLayout.PERMISSIONS);
      level = descend(root, levels, iova, lowest);
    }
    return rest;
  }
}
