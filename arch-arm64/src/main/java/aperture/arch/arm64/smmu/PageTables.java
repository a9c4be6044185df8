package aperture.arch.arm64.smmu;

import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;

/**
 * Edits translation tables as a kernel does: leaves as large as alignment lets them be. Finds its
 * way through the tables themselves and remembers nothing.
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

  private static final long NONE = -1;

  /** A block is in the way. */
  private static final long BLOCKED = -2;

  private final GuestMemory memory;
  private final PageAllocator pages;
  private final CommandWriter commands;
  private final TableShape shape;

  /** What the way down needs of the shape, worked out once. */
  private final int stride;

  private final long page;
  private final long rootBytes;
  private final long block;

  /** Where the last {@link #leaf} ended. */
  private int leafLevel;

  PageTables(GuestMemory memory, PageAllocator pages, CommandWriter commands, TableShape shape) {
    this.memory = memory;
    this.pages = pages;
    this.commands = commands;
    this.shape = shape;
    this.stride = TableLayout.stride(shape.pageShift());
    this.page = shape.page();
    this.rootBytes = shape.tableBytes(shape.firstLevel());
    this.block = shape.reach(TableShape.BLOCK_LEVEL);
  }

  /** A first table, or {@link PageAllocator#NO_MEMORY}. */
  long allocateRoot() {
    return allocate(shape.firstLevel());
  }

  private long allocate(int level) {
    long bytes = shape.tableBytes(level);
    return pages.allocate(bytes, bytes);
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
      int level = left < block ? TableLayout.LAST_LEVEL : shape.leafLevel(at | gpa + done, left);
      long step;
      if (level < TableLayout.LAST_LEVEL) {
        step = shape.reach(level);
        outcome = mapBlock(root, asid, level, at, gpa + done, attributes);
      } else {
        // A run of pages ends with its table, which is where the next block could start.
        step = Math.min(left, block - (at & block - 1));
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

  private Outcome mapBlock(long root, int asid, int level, long iova, long gpa, long attributes) {
    long at = entry(root, iova, level, true);
    if (at < 0) {
      return at == BLOCKED ? Outcome.TAKEN : Outcome.NO_MEMORY;
    }
    long old = memory.getLe64(at);
    boolean table = TableLayout.valid(old) && TableLayout.isTable(old, level);
    if (table ? !freeIfUnused(at, level + 1, asid, iova) : old != 0) {
      return Outcome.TAKEN;
    }
    memory.putLe64(at, TableLayout.output(gpa) | attributes | TableLayout.VALID);
    return Outcome.MAPPED;
  }

  private Outcome mapPages(long root, long iova, long gpa, long size, long attributes) {
    long at = entry(root, iova, TableLayout.LAST_LEVEL, true);
    if (at < 0) {
      return at == BLOCKED ? Outcome.TAKEN : Outcome.NO_MEMORY;
    }
    int count = (int) (size >>> shape.pageShift());
    for (int i = 0; i < count; i++) {
      if (memory.getLe64(at + (long) i * TableLayout.ENTRY_BYTES) != 0) {
        return Outcome.TAKEN;
      }
    }
    for (int i = 0; i < count; i++) {
      long page = gpa + ((long) i << shape.pageShift());
      memory.putLe64(
          at + (long) i * TableLayout.ENTRY_BYTES,
          TableLayout.output(page) | attributes | TableLayout.TABLE);
    }
    return Outcome.MAPPED;
  }

  /** Clears a range and adds the invalidations for it; the caller syncs. */
  void unmap(long root, int asid, long iova, long size) {
    unmap(root, asid, iova, size, true);
  }

  /** Clears a range that the caller invalidates later, with all of its address space. */
  void clear(long root, int asid, long iova, long size) {
    unmap(root, asid, iova, size, false);
    // Cleared before the caller's unmap returns: no walk from then on finds the old entry.
    VarHandle.fullFence();
  }

  private void unmap(long root, int asid, long iova, long size, boolean invalidating) {
    long done = 0;
    long runStart = iova;
    int runLevel = TableLayout.LAST_LEVEL;
    while (done < size) {
      long at = iova + done;
      long leaf = leaf(root, at);
      // Of pages, a table full at a time.
      long unit = leafLevel < TableShape.BLOCK_LEVEL ? shape.reach(leafLevel) : block;
      long step = Math.min(size - done, unit - (at & unit - 1));
      int level = leaf == NONE ? TableLayout.LAST_LEVEL : leafLevel;
      if (leaf != NONE) {
        clear(leaf, level == TableLayout.LAST_LEVEL ? (int) (step >>> shape.pageShift()) : 1);
      }
      if (invalidating && level != runLevel) {
        invalidate(asid, runStart, at, runLevel);
        runStart = at;
        runLevel = level;
      }
      done += step;
    }
    if (invalidating) {
      invalidate(asid, runStart, iova + size, runLevel);
    }
  }

  private void clear(long entry, int count) {
    for (int i = 0; i < count; i++) {
      memory.putLe64(entry + (long) i * TableLayout.ENTRY_BYTES, 0);
    }
  }

  /** One run of leaves of a level; blocks are invalidated whole. */
  private void invalidate(int asid, long from, long to, int level) {
    long unit = shape.reach(level);
    long first = from & -unit;
    if (to > from) {
      long size = (to - first + unit - 1) & -unit;
      commands.tlbRange(asid, shape.pageShift(), first, size, level, true);
    }
  }

  /**
   * Host offset of the entry where an IOVA's walk ends: a block, or an entry of the last level.
   *
   * @return {@link #NONE} when it ends before; either way {@link #leafLevel} says where
   */
  private long leaf(long root, long iova) {
    long table = root;
    long bytes = rootBytes;
    int shift = shape.firstShift();
    for (int level = shape.firstLevel(); ; level++) {
      leafLevel = level;
      long first = memory.offsetOf(table, bytes);
      if (first < 0) {
        return NONE;
      }
      long at = first + entryOffset(iova, shift);
      if (level == TableLayout.LAST_LEVEL) {
        return at;
      }
      long descriptor = memory.getLe64(at);
      if (!TableLayout.valid(descriptor)) {
        return NONE;
      }
      if (!TableLayout.isTable(descriptor, level)) {
        return at;
      }
      table = next(descriptor);
      bytes = page;
      shift -= stride;
    }
  }

  /** Offset of an address's entry in its table; the first table has as many as addresses reach. */
  private long entryOffset(long iova, int shift) {
    return (iova >>> shift & (1L << stride) - 1) * TableLayout.ENTRY_BYTES;
  }

  /** Tables lie where all page sizes can express their addresses alike. */
  private long next(long descriptor) {
    return Bits.inPlace(descriptor, TableShape.INPUT_BITS - 1, shape.pageShift());
  }

  /** Gives all tables of an address space back. No device may reach them any more. */
  void free(long root) {
    freeBelow(root, shape.firstLevel());
    pages.free(root, shape.tableBytes(shape.firstLevel()));
  }

  private void freeBelow(long table, int level) {
    long first = memory.offsetOf(table, shape.tableBytes(level));
    if (first < 0 || level == TableLayout.LAST_LEVEL) {
      return;
    }
    int entries = shape.entries(level);
    for (int i = 0; i < entries; i++) {
      long at = first + (long) i * TableLayout.ENTRY_BYTES;
      long descriptor = memory.getLe64(at);
      // Cleared before going down, so that tables which lead back to themselves end here.
      memory.putLe64(at, 0);
      if (TableLayout.valid(descriptor) && TableLayout.isTable(descriptor, level)) {
        long next = next(descriptor);
        if (memory.offsetOf(next, shape.page()) >= 0) {
          freeBelow(next, level + 1);
          pages.free(next, shape.page());
        }
      }
    }
  }

  /**
   * Host offset of the entry for an IOVA at a level.
   *
   * @param create whether missing tables are made
   * @return {@link #NONE} when a table is missing or not in memory, {@link #BLOCKED} when a block
   *     is in the way
   */
  private long entry(long root, long iova, int target, boolean create) {
    long table = root;
    long bytes = rootBytes;
    int shift = shape.firstShift();
    for (int level = shape.firstLevel(); ; level++) {
      long first = memory.offsetOf(table, bytes);
      if (first < 0) {
        return NONE;
      }
      long at = first + entryOffset(iova, shift);
      if (level == target) {
        return at;
      }
      long descriptor = memory.getLe64(at);
      if (!TableLayout.valid(descriptor)) {
        long fresh = create ? allocate(level + 1) : PageAllocator.NO_MEMORY;
        if (fresh == PageAllocator.NO_MEMORY) {
          return NONE;
        }
        // The allocator's zeroes are there before the table can be walked.
        VarHandle.releaseFence();
        descriptor = fresh | TableLayout.TABLE;
        memory.putLe64(at, descriptor);
      } else if (!TableLayout.isTable(descriptor, level)) {
        return BLOCKED;
      }
      table = next(descriptor);
      bytes = page;
      shift -= stride;
    }
  }

  /** After a failed map: frees tables of the range that hold nothing. */
  private void prune(long root, int asid, long iova, long size) {
    commands.sync();
    long last = iova + (size - 1);
    for (int level = TableLayout.LAST_LEVEL; level > shape.firstLevel(); level--) {
      long reach = shape.reach(level - 1);
      for (long at = iova & -reach; at <= last; at += reach) {
        long entry = entry(root, at, level - 1, false);
        if (entry >= 0 && isTableEntry(entry, level - 1)) {
          freeIfUnused(entry, level, asid, at);
        }
      }
    }
  }

  private boolean isTableEntry(long entry, int level) {
    long descriptor = memory.getLe64(entry);
    return TableLayout.valid(descriptor) && TableLayout.isTable(descriptor, level);
  }

  /**
   * Frees the table that an entry leads to, if nothing is mapped by it.
   *
   * @param level of that table
   * @param iova first address it resolves
   */
  private boolean freeIfUnused(long entry, int level, int asid, long iova) {
    long table = next(memory.getLe64(entry));
    if (!unused(table, level)) {
      return false;
    }
    memory.putLe64(entry, 0);
    commands.tlbRange(asid, shape.pageShift(), iova, shape.reach(level - 1), 0, false);
    commands.sync();
    freeBelow(table, level);
    pages.free(table, shape.page());
    return true;
  }

  /** Whether a table has no leaves: it may still lead to tables of the last level without any. */
  private boolean unused(long table, int level) {
    long first = memory.offsetOf(table, shape.page());
    int entries = first < 0 ? 0 : shape.entries(level);
    for (int i = 0; i < entries; i++) {
      long descriptor = memory.getLe64(first + (long) i * TableLayout.ENTRY_BYTES);
      boolean leads =
          level == TableLayout.LAST_LEVEL - 1
              && TableLayout.valid(descriptor)
              && TableLayout.isTable(descriptor, level);
      if (descriptor != 0 && !(leads && unused(next(descriptor), level + 1))) {
        return false;
      }
    }
    return first >= 0;
  }
}
