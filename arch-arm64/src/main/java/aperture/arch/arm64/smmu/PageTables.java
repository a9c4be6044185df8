package aperture.arch.arm64.smmu;

import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;

/**
 * Edits translation tables as a kernel does: four levels of 4 KiB tables, leaves of 4 KiB and 2
 * MiB. Finds its way through the tables themselves and remembers nothing.
 *
 * <p>A table stays when its last leaf goes, for the next mapping there; it goes when a block takes
 * its place, and with the address space.
 */
final class PageTables {

  /** How {@link #map} ended. */
  enum Outcome {
    MAPPED,
    NO_MEMORY,
    TAKEN
  }

  static final int PAGE_SHIFT = TableLayout.GRANULE_4K;
  static final long PAGE = 1L << PAGE_SHIFT;
  static final int BLOCK_LEVEL = 2;
  static final long BLOCK = 1L << TableLayout.shift(PAGE_SHIFT, BLOCK_LEVEL);

  /** Width of IOVAs: all that four levels resolve. */
  static final int INPUT_BITS = 48;

  private static final int ENTRIES = 512;
  private static final long NONE = -1;

  private final GuestMemory memory;
  private final PageAllocator pages;
  private final CommandWriter commands;

  PageTables(GuestMemory memory, PageAllocator pages, CommandWriter commands) {
    this.memory = memory;
    this.pages = pages;
    this.commands = commands;
  }

  /**
   * Maps a range, wholly or not at all.
   *
   * @param attributes of the leaves
   */
  Outcome map(long root, int asid, long iova, long gpa, long size, long attributes) {
    Outcome outcome = Outcome.MAPPED;
    long done = 0;
    while (done < size && outcome == Outcome.MAPPED) {
      long at = iova + done;
      long left = size - done;
      long step;
      if (left >= BLOCK && ((at | gpa + done) & BLOCK - 1) == 0) {
        step = BLOCK;
        outcome = mapBlock(root, asid, at, gpa + done, attributes);
      } else {
        // A run of pages ends with its table, which is where the next block could start.
        step = Math.min(left, BLOCK - (at & BLOCK - 1));
        outcome = mapPages(root, at, gpa + done, step, attributes);
      }
      done += outcome == Outcome.MAPPED ? step : 0;
    }
    VarHandle.releaseFence();
    if (outcome != Outcome.MAPPED) {
      unmap(root, asid, iova, done);
      prune(root, asid, iova, size);
    }
    return outcome;
  }

  private Outcome mapBlock(long root, int asid, long iova, long gpa, long attributes) {
    long at = entry(root, iova, BLOCK_LEVEL, true);
    if (at == NONE) {
      return Outcome.NO_MEMORY;
    }
    long old = memory.getLe64(at);
    if (TableLayout.isTable(old, BLOCK_LEVEL) && TableLayout.valid(old)) {
      if (!freeIfEmpty(at, TableLayout.LAST_LEVEL, asid, iova & -BLOCK)) {
        return Outcome.TAKEN;
      }
    } else if (old != 0) {
      return Outcome.TAKEN;
    }
    memory.putLe64(at, gpa | attributes | TableLayout.VALID);
    return Outcome.MAPPED;
  }

  private Outcome mapPages(long root, long iova, long gpa, long size, long attributes) {
    long at = entry(root, iova, TableLayout.LAST_LEVEL, true);
    if (at == NONE) {
      return mapped(root, iova) ? Outcome.TAKEN : Outcome.NO_MEMORY;
    }
    int count = (int) (size >>> PAGE_SHIFT);
    for (int i = 0; i < count; i++) {
      if (memory.getLe64(at + (long) i * TableLayout.ENTRY_BYTES) != 0) {
        return Outcome.TAKEN;
      }
    }
    for (int i = 0; i < count; i++) {
      long page = gpa + ((long) i << PAGE_SHIFT);
      memory.putLe64(
          at + (long) i * TableLayout.ENTRY_BYTES,
          page | attributes | TableLayout.VALID | TableLayout.TABLE_OR_PAGE);
    }
    return Outcome.MAPPED;
  }

  /** Clears a range and adds the invalidations for it; the caller syncs. */
  void unmap(long root, int asid, long iova, long size) {
    long done = 0;
    long runStart = iova;
    int runLevel = TableLayout.LAST_LEVEL;
    while (done < size) {
      long at = iova + done;
      long step = Math.min(size - done, BLOCK - (at & BLOCK - 1));
      int level = clear(root, at, step);
      if (level != runLevel) {
        invalidate(asid, runStart, at, runLevel);
        runStart = at;
        runLevel = level;
      }
      done += step;
    }
    invalidate(asid, runStart, iova + size, runLevel);
  }

  /** One run of leaves of a level; blocks are invalidated whole. */
  private void invalidate(int asid, long from, long to, int level) {
    long unit = 1L << TableLayout.shift(PAGE_SHIFT, level);
    long first = from & -unit;
    if (to > from) {
      commands.tlbRange(asid, first, (to - first + unit - 1) & -unit, level, true);
    }
  }

  /** Clears what lies in one block's reach; says at which level. */
  private int clear(long root, long iova, long size) {
    long block = entry(root, iova, BLOCK_LEVEL, false);
    if (block == NONE) {
      return TableLayout.LAST_LEVEL;
    }
    long descriptor = memory.getLe64(block);
    if (!TableLayout.valid(descriptor)) {
      return TableLayout.LAST_LEVEL;
    }
    if (!TableLayout.isTable(descriptor, BLOCK_LEVEL)) {
      memory.putLe64(block, 0);
      return BLOCK_LEVEL;
    }
    long at = entry(root, iova, TableLayout.LAST_LEVEL, false);
    int count = (int) (size >>> PAGE_SHIFT);
    for (int i = 0; at != NONE && i < count; i++) {
      memory.putLe64(at + (long) i * TableLayout.ENTRY_BYTES, 0);
    }
    return TableLayout.LAST_LEVEL;
  }

  /** Gives all tables of an address space back. No device may reach them any more. */
  void free(long root) {
    freeBelow(root, 0);
    pages.free(root, PAGE);
  }

  private void freeBelow(long table, int level) {
    long first = memory.offsetOf(table, PAGE);
    if (first < 0 || level == TableLayout.LAST_LEVEL) {
      return;
    }
    for (int i = 0; i < ENTRIES; i++) {
      long at = first + (long) i * TableLayout.ENTRY_BYTES;
      long descriptor = memory.getLe64(at);
      // Cleared before going down, so that tables which lead back to themselves end here.
      memory.putLe64(at, 0);
      if (TableLayout.valid(descriptor) && TableLayout.isTable(descriptor, level)) {
        long next = Bits.inPlace(descriptor, 47, PAGE_SHIFT);
        if (memory.offsetOf(next, PAGE) >= 0) {
          freeBelow(next, level + 1);
          pages.free(next, PAGE);
        }
      }
    }
  }

  /**
   * Host offset of the entry for an IOVA at a level.
   *
   * @param create whether missing tables are made
   * @return {@link #NONE} when a table is missing, not in memory, or a block is in the way
   */
  private long entry(long root, long iova, int target, boolean create) {
    long table = root;
    for (int level = 0; ; level++) {
      long first = memory.offsetOf(table, PAGE);
      if (first < 0) {
        return NONE;
      }
      int shift = TableLayout.shift(PAGE_SHIFT, level);
      long at = first + (iova >>> shift & ENTRIES - 1) * TableLayout.ENTRY_BYTES;
      if (level == target) {
        return at;
      }
      long descriptor = memory.getLe64(at);
      if (!TableLayout.valid(descriptor)) {
        if (!create) {
          return NONE;
        }
        long fresh = pages.allocate(PAGE, PAGE);
        if (fresh == PageAllocator.NO_MEMORY) {
          return NONE;
        }
        // The allocator's zeroes are there before the table can be walked.
        VarHandle.releaseFence();
        descriptor = fresh | TableLayout.TABLE;
        memory.putLe64(at, descriptor);
      } else if (!TableLayout.isTable(descriptor, level)) {
        return NONE;
      }
      table = Bits.inPlace(descriptor, 47, PAGE_SHIFT);
    }
  }

  /** Whether a block covers the IOVA. */
  private boolean mapped(long root, long iova) {
    long at = entry(root, iova, BLOCK_LEVEL, false);
    return at != NONE && TableLayout.valid(memory.getLe64(at));
  }

  /** After a failed map: frees tables of the range that hold nothing. */
  private void prune(long root, int asid, long iova, long size) {
    commands.sync();
    long last = iova + (size - 1);
    for (int level = TableLayout.LAST_LEVEL; level > 0; level--) {
      long reach = 1L << TableLayout.shift(PAGE_SHIFT, level - 1);
      for (long at = iova & -reach; at <= last; at += reach) {
        long entry = entry(root, at, level - 1, false);
        if (entry != NONE && isTableEntry(entry, level - 1)) {
          freeIfEmpty(entry, level, asid, at);
        }
      }
    }
  }

  private boolean isTableEntry(long entry, int level) {
    long descriptor = memory.getLe64(entry);
    return TableLayout.valid(descriptor) && TableLayout.isTable(descriptor, level);
  }

  /**
   * Frees the table that an entry leads to, if all of it is 0.
   *
   * @param level of that table
   * @param iova first address it resolves
   */
  private boolean freeIfEmpty(long entry, int level, int asid, long iova) {
    long table = Bits.inPlace(memory.getLe64(entry), 47, PAGE_SHIFT);
    long first = memory.offsetOf(table, PAGE);
    if (first < 0) {
      return false;
    }
    for (int i = 0; i < ENTRIES; i++) {
      if (memory.getLe64(first + (long) i * TableLayout.ENTRY_BYTES) != 0) {
        return false;
      }
    }
    memory.putLe64(entry, 0);
    commands.tlbRange(asid, iova, 1L << TableLayout.shift(PAGE_SHIFT, level - 1), 0, false);
    commands.sync();
    pages.free(table, PAGE);
    return true;
  }
}
