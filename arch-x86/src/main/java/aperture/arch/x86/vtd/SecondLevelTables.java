package aperture.arch.x86.vtd;

import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;

/**
 * Builds and edits second-level tables of 4 KiB pages in guest memory.
 *
 * <p>Where a table lies is always found by walking from the root; nothing is remembered beside the
 * tables. All table pages that a mapping needs are taken before the first entry is written, chained
 * through their own first words, so that running out of memory changes nothing. Used under the lock
 * of the machine's IOMMU; hardware walks at the same time.
 */
final class SecondLevelTables {

  private static final int PAGE = SecondLevelLayout.PAGE_SIZE;
  private static final long LEAF_SPAN = 1L << SecondLevelLayout.shift(SecondLevelLayout.LEVEL_2M);
  private static final long MISSING = -1;

  private final GuestMemory memory;
  private final PageAllocator pages;

  SecondLevelTables(GuestMemory memory, PageAllocator pages) {
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

  /** Whether any page of a range is mapped. */
  boolean anyMapped(long root, int levels, long iova, long size) {
    long end = iova + size;
    for (long at = iova; at != end; at = nextSpan(at, end)) {
      long table = leafTable(root, levels, at);
      if (table == MISSING) {
        continue;
      }
      long stop = nextSpan(at, end);
      for (long page = at; page != stop; page += PAGE) {
        if ((memory.getLe64(entryAt(table, page)) & SecondLevelLayout.PERMISSIONS) != 0) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Maps a range whose pages are not mapped.
   *
   * @param flags permission bits of each leaf
   * @throws IommuException when memory for tables is used up; nothing changed then
   */
  void map(long root, int levels, long iova, long gpa, long size, long flags)
      throws IommuException {
    long chain = take(missingTables(root, levels, iova, size));
    long end = iova + size;
    long target = gpa;
    for (long at = iova; at != end; ) {
      long table = leafTable(root, levels, at);
      if (table == MISSING) {
        chain = link(root, levels, at, chain);
        table = leafTable(root, levels, at);
      }
      if (table == MISSING) {
        unmap(root, levels, iova, at - iova);
        giveBack(chain);
        throw new IommuException("a table for 0x%x points outside of memory".formatted(at));
      }
      for (long stop = nextSpan(at, end); at != stop; at += PAGE, target += PAGE) {
        memory.putLe64(entryAt(table, at), target | flags);
      }
    }
    // Before anybody is told the IOVA; pairs with the walker's reads from the root down.
    VarHandle.releaseFence();
  }

  /** Clears the entries of a range. The caller invalidates. */
  void unmap(long root, int levels, long iova, long size) {
    long end = iova + size;
    for (long at = iova; at != end; ) {
      long table = leafTable(root, levels, at);
      long stop = nextSpan(at, end);
      if (table == MISSING) {
        at = stop;
        continue;
      }
      for (; at != stop; at += PAGE) {
        memory.putLe64(entryAt(table, at), 0);
      }
    }
    // Cleared before the invalidation starts: a walk after it cannot find the old entry.
    VarHandle.fullFence();
  }

  /** Gives all pages of a tree back, its root among them. Nobody may reach it any more. */
  void free(long table, int levels) {
    long at = memory.offsetOf(table, PAGE);
    if (levels > 1 && at >= 0) {
      for (int i = 0; i < SecondLevelLayout.ENTRIES; i++) {
        long entry = memory.getLe64(at + (long) i * SecondLevelLayout.ENTRY_SIZE);
        if ((entry & SecondLevelLayout.PERMISSIONS) != 0) {
          free(entry & SecondLevelLayout.ADDRESS, levels - 1);
        }
      }
    }
    pages.free(table, PAGE);
  }

  /** Host offset of the level 1 table for an address, or {@link #MISSING}. */
  private long leafTable(long root, int levels, long iova) {
    long table = root;
    for (int level = levels; level > 1; level--) {
      long entry = entry(table, level, iova);
      if ((entry & SecondLevelLayout.PERMISSIONS) == 0) {
        return MISSING;
      }
      table = entry & SecondLevelLayout.ADDRESS;
    }
    return memory.offsetOf(table, PAGE);
  }

  private long entry(long table, int level, long iova) {
    long at = entryOffset(table, level, iova);
    return at < 0 ? 0 : memory.getLe64(at);
  }

  private long entryOffset(long table, int level, long iova) {
    return memory.offsetOf(
        table + SecondLevelLayout.offset(iova, level), SecondLevelLayout.ENTRY_SIZE);
  }

  private static long entryAt(long leafTable, long iova) {
    return leafTable + SecondLevelLayout.offset(iova, 1);
  }

  /** End of the range or of the level 1 table that {@code at} lies in, whichever comes first. */
  private static long nextSpan(long at, long end) {
    long span = (at & -LEAF_SPAN) + LEAF_SPAN;
    return Long.compareUnsigned(span, end) < 0 ? span : end;
  }

  private int missingTables(long root, int levels, long iova, long size) {
    int missing = 0;
    long end = iova + size;
    for (long at = iova; at != end; at = nextSpan(at, end)) {
      int level = presentLevel(root, levels, at);
      for (int below = level - 1; below >= 1; below--) {
        // A table is counted where the range first enters what it covers.
        long covered = 1L << SecondLevelLayout.shift(below + 1);
        if (at == iova || (at & covered - 1) == 0) {
          missing++;
        }
      }
    }
    return missing;
  }

  /** Level of the lowest table that exists for an address. */
  private int presentLevel(long root, int levels, long iova) {
    long table = root;
    int level = levels;
    while (level > 1) {
      long entry = entry(table, level, iova);
      if ((entry & SecondLevelLayout.PERMISSIONS) == 0) {
        break;
      }
      table = entry & SecondLevelLayout.ADDRESS;
      level--;
    }
    return level;
  }

  /** Takes empty tables, each holding the address of the next in its first word. */
  private long take(int count) throws IommuException {
    long chain = 0;
    for (int i = 0; i < count; i++) {
      long table = pages.allocate(PAGE, PAGE);
      if (table == PageAllocator.NO_MEMORY) {
        giveBack(chain);
        throw new IommuException("no memory for tables");
      }
      memory.putLe64(memory.offsetOf(table, PAGE), chain);
      chain = table;
    }
    return chain;
  }

  private void giveBack(long first) {
    for (long chain = first; chain != 0; ) {
      long next = memory.getLe64(memory.offsetOf(chain, PAGE));
      pages.free(chain, PAGE);
      chain = next;
    }
  }

  /**
   * Links tables from the chain down to level 1; returns what is left of the chain. Stops early,
   * and leaves the rest to the caller, where a damaged table points outside of memory.
   */
  private long link(long root, int levels, long iova, long chain) {
    long table = root;
    long rest = chain;
    for (int level = levels; level > 1; level--) {
      long at = entryOffset(table, level, iova);
      long entry = at < 0 ? 0 : memory.getLe64(at);
      if ((entry & SecondLevelLayout.PERMISSIONS) == 0) {
        if (at < 0 || rest == 0) {
          return rest;
        }
        long fresh = memory.offsetOf(rest, PAGE);
        entry = rest | SecondLevelLayout.PERMISSIONS;
        rest = memory.getLe64(fresh);
        memory.putLe64(fresh, 0);
        // The table is empty before hardware can reach it; pairs with the walker's reads.
        VarHandle.releaseFence();
        memory.putLe64(at, entry);
      }
      table = entry & SecondLevelLayout.ADDRESS;
    }
    return rest;
  }
}
