package aperture.iommu;

import aperture.memory.MemoryRange;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses IOVAs inside an aperture: next-fit over a bitmap of pages, growing from the bottom up as
 * the aperture fills. A library for table drivers; rebuild it after a swap with {@link #take}.
 *
 * <p>Cost does not grow with the number of live mappings until the part of the aperture in use is
 * nearly full; then the bitmap doubles. It allocates only when it grows. Not thread-safe.
 */
public final class IovaAllocator {

  /** What {@link #allocate} returns when nothing fits. */
  public static final long NO_SPACE = -1;

  private static final int FIRST_PAGES = 1 << 14;

  private final long base;
  private final long pages;
  private final int shift;
  private final List<MemoryRange> reserved;
  private long[] taken;
  private long mapped;
  private long used;
  private long cursor;
  private long looks;

  /**
   * @param aperture what may be handed out; page aligned
   * @param pageShift log2 of the page size
   * @param reserved ranges never handed out
   */
  public IovaAllocator(MemoryRange aperture, int pageShift, List<MemoryRange> reserved) {
    this.base = aperture.base();
    this.pages = aperture.size() >>> pageShift;
    this.shift = pageShift;
    this.reserved = List.copyOf(reserved);
    this.taken = new long[0];
    grow(Math.min(pages, FIRST_PAGES));
  }

  /**
   * Takes {@code count} contiguous pages.
   *
   * @param limit highest address allowed for the last byte
   * @return address of the first page, or {@link #NO_SPACE}
   */
  public long allocate(int count, long limit) {
    return allocate(count, 1, limit);
  }

  /**
   * Takes {@code count} contiguous pages at an aligned place.
   *
   * @param alignment in pages from the start of the aperture, a power of two
   * @param limit highest address allowed for the last byte
   * @return address of the first page, or {@link #NO_SPACE}
   */
  public long allocate(int count, long alignment, long limit) {
    long top = pagesBelow(limit);
    if (count <= 0 || count > top) {
      return NO_SPACE;
    }
    while (true) {
      long end = Math.min(mapped, top);
      // Search at all only while a quarter is free: a nearly full bitmap would be scanned for long.
      if (used + count <= mapped - (mapped >>> 2) || mapped >= top) {
        long found = find(cursor, end, count, alignment);
        if (found < 0 && cursor > 0) {
          found = find(0, Math.min(end, cursor + count + alignment), count, alignment);
        }
        if (found >= 0) {
          mark(found, count);
          cursor = found + count;
          return base + (found << shift);
        }
      }
      if (mapped >= top) {
        return NO_SPACE;
      }
      grow(Math.min(top, Math.max(mapped * 2, mapped + count + alignment)));
    }
  }

  /**
   * Marks pages as handed out, for a rebuild.
   *
   * @return false when they are outside the aperture, reserved, or taken already; nothing changed
   */
  public boolean take(long iova, int count) {
    long first = (iova - base) >>> shift;
    if (Long.compareUnsigned(iova - base, pages << shift) >= 0
        || count <= 0
        || count > pages - first) {
      return false;
    }
    while (mapped < first + count) {
      grow(Math.min(pages, Math.max(mapped * 2, first + count)));
    }
    for (long page = first; page < first + count; page++) {
      if (isTaken(page)) {
        return false;
      }
    }
    mark(first, count);
    return true;
  }

  /** Gives pages back; they must have been handed out. */
  public void free(long iova, int count) {
    long first = (iova - base) >>> shift;
    for (long page = first; page < first + count; page++) {
      if (isTaken(page)) {
        taken[(int) (page >>> 6)] &= ~(1L << page);
        used--;
      }
    }
  }

  /** Pages handed out or reserved in the part of the aperture in use. */
  public long used() {
    return used;
  }

  /** Looks into the bitmap so far: what the cost of allocating is made of. */
  long looks() {
    return looks;
  }

  private long pagesBelow(long limit) {
    if (Long.compareUnsigned(limit, base) < 0) {
      return 0;
    }
    long span = limit - base;
    long fit = span == -1 ? pages : (span + 1) >>> shift;
    return Math.min(pages, fit);
  }

  private long find(long from, long end, int count, long alignment) {
    long start = align(from, alignment);
    long page = start;
    while (page < end) {
      looks++;
      long word = taken[(int) (page >>> 6)];
      if ((word >>> page & 1) != 0) {
        long next = word == -1L ? (page | 63) + 1 : page + freeAfter(word >>> page);
        start = align(next, alignment);
        page = start;
      } else if (page - start + 1 == count) {
        return start;
      } else {
        page++;
      }
    }
    return -1;
  }

  private static int freeAfter(long takenBits) {
    return Math.max(1, Long.numberOfTrailingZeros(~takenBits));
  }

  private static long align(long page, long alignment) {
    return (page + alignment - 1) & -alignment;
  }

  private boolean isTaken(long page) {
    return (taken[(int) (page >>> 6)] >>> page & 1) != 0;
  }

  private void mark(long first, long count) {
    for (long page = first; page < first + count; page++) {
      taken[(int) (page >>> 6)] |= 1L << page;
    }
    used += count;
  }

  private void grow(long to) {
    long from = mapped;
    taken = Arrays.copyOf(taken, Math.toIntExact((to + 63) >>> 6));
    mapped = to;
    for (MemoryRange range : reserved) {
      markReserved(range, from, to);
    }
  }

  private void markReserved(MemoryRange range, long from, long to) {
    if (Long.compareUnsigned(range.last(), base) < 0) {
      return;
    }
    long low = Long.compareUnsigned(range.base(), base) <= 0 ? 0 : (range.base() - base) >>> shift;
    long high = ((range.last() - base) >>> shift) + 1;
    for (long page = Math.max(low, from); page < Math.min(high, to); page++) {
      if (!isTaken(page)) {
        mark(page, 1);
      }
    }
  }
}
