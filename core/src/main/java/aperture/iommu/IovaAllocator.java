package aperture.iommu;

import aperture.memory.MemoryRange;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses IOVAs inside an aperture, growing from the bottom up as the aperture fills: where pages
 * of that size were freed last, else next-fit over a bitmap of pages. A library for table drivers;
 * rebuild it after a swap with {@link #take}.
 *
 * <p>Cost does not grow with the number of live mappings until the part of the aperture in use is
 * nearly full; then the bitmap doubles. It allocates only when it grows. Not thread-safe.
 */
public final class IovaAllocator {

  /** What {@link #allocate} returns when nothing fits. */
  public static final long NO_SPACE = -1;

  private static final int FIRST_PAGES = 1 << 14;

  /** As far as the bitmap grows for the sake of a page that is taken: 2 MiB of bits. */
  private static final long NEAR_PAGES = 1 << 24;

  private final long base;
  private final long pages;
  private final int shift;
  private final List<MemoryRange> reserved;
  private final FreedPlaces freed = new FreedPlaces();
  private final FarPages far = new FarPages();
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
    long page = again(count, alignment, top);
    if (page == NO_SPACE) {
      page = search(count, alignment, top);
    }
    if (page == NO_SPACE) {
      return NO_SPACE;
    }
    mark(page, page + count);
    return base + (page << shift);
  }

  /** A place that was freed lately and still is free; each that is looked at is forgotten. */
  private long again(int count, long alignment, long top) {
    long page = freed.poll(count);
    while (page != FreedPlaces.NONE) {
      looks++;
      long end = page + count;
      if ((page & alignment - 1) == 0 && end <= Math.min(mapped, top) && !anyTaken(page, end)) {
        return page;
      }
      page = freed.poll(count);
    }
    return NO_SPACE;
  }

  private long search(int count, long alignment, long top) {
    while (true) {
      long end = Math.min(mapped, top);
      // Search at all only while a quarter is free: a nearly full bitmap would be scanned for long.
      if (used + count <= mapped - (mapped >>> 2) || mapped >= top) {
        long found = find(cursor, end, count, alignment);
        if (found < 0 && cursor > 0) {
          found = find(0, Math.min(end, cursor + count + alignment), count, alignment);
        }
        if (found >= 0) {
          cursor = found + count;
          return found;
        }
      }
      if (mapped >= top) {
        return NO_SPACE;
      }
      grow(Math.min(top, Math.max(mapped * 2, mapped + count + alignment)));
    }
  }

  /**
   * Marks pages as handed out, for a rebuild. However far up they are, that takes little memory.
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
    long end = first + count;
    if (end > mapped && end <= NEAR_PAGES) {
      grow(Math.min(pages, Math.max(mapped * 2, end)));
    }
    long bound = Math.clamp(mapped, first, end);
    if (anyTaken(first, bound) || far.anyIn(bound, end) || anyReserved(bound, end)) {
      return false;
    }
    mark(first, bound);
    far.add(bound, end);
    return true;
  }

  /** Gives pages back; they must have been handed out. The next of their size may get them. */
  public void free(long iova, int count) {
    long first = (iova - base) >>> shift;
    if (retire(first, first + count)) {
      freed.add(first, count);
    }
  }

  /**
   * As {@link #free}, for those who want an address handed out again as late as can be: once it is
   * its turn.
   */
  public void freeForLater(long iova, int count) {
    long first = (iova - base) >>> shift;
    retire(first, first + count);
  }

  /** Whether the bitmap has all of them. */
  private boolean retire(long first, long end) {
    long bound = Math.clamp(mapped, first, end);
    clear(first, bound);
    if (bound < end) {
      far.remove(bound, end);
    }
    return bound == end;
  }

  /** Pages handed out or reserved in the part of the aperture in use. */
  public long used() {
    return used;
  }

  /** Looks into the bitmap so far: what the cost of allocating is made of. */
  long looks() {
    return looks;
  }

  /** Pages that the bitmap has bits for: what the memory it takes is made of. */
  long mapped() {
    return mapped;
  }

  private long pagesBelow(long limit) {
    if (Long.compareUnsigned(limit, base) < 0) {
      return 0;
    }
    long span = limit - base;
    long fit = span == -1 ? pages : (span + 1) >>> shift;
    return Math.min(pages, fit);
  }

  /** First aligned place of so many free pages, a word of the bitmap at a time. */
  private long find(long from, long end, int count, long alignment) {
    long start = align(from, alignment);
    long page = start;
    while (page < end) {
      looks++;
      long bits = taken[(int) (page >>> 6)] >>> page;
      if ((bits & 1) != 0) {
        // Shifted in are zeroes: the run may go on in the next word, which is looked at then.
        start = align(page + Long.numberOfTrailingZeros(~bits), alignment);
        page = start;
      } else {
        page += Math.min(Long.numberOfTrailingZeros(bits), Long.SIZE - (page & 63));
        if (page - start >= count) {
          return start + count <= end ? start : -1;
        }
      }
    }
    return -1;
  }

  private static long align(long page, long alignment) {
    return (page + alignment - 1) & -alignment;
  }

  /** Bits of a run of pages in the word of {@code page}, its first in that word. */
  private static long bitsOf(long page, long end) {
    long left = Math.min(end - page, Long.SIZE - (page & 63));
    return -1L >>> Long.SIZE - left << page;
  }

  private static long nextWord(long page) {
    return (page | 63) + 1;
  }

  private boolean anyTaken(long first, long end) {
    for (long page = first; page < end; page = nextWord(page)) {
      if ((taken[(int) (page >>> 6)] & bitsOf(page, end)) != 0) {
        return true;
      }
    }
    return false;
  }

  private void mark(long first, long end) {
    for (long page = first; page < end; page = nextWord(page)) {
      int word = (int) (page >>> 6);
      long fresh = bitsOf(page, end) & ~taken[word];
      taken[word] |= fresh;
      used += Long.bitCount(fresh);
    }
  }

  private void clear(long first, long end) {
    for (long page = first; page < end; page = nextWord(page)) {
      int word = (int) (page >>> 6);
      long gone = bitsOf(page, end) & taken[word];
      taken[word] ^= gone;
      used -= Long.bitCount(gone);
    }
  }

  private void grow(long to) {
    long from = mapped;
    taken = Arrays.copyOf(taken, Math.toIntExact((to + 63) >>> 6));
    mapped = to;
    for (MemoryRange range : reserved) {
      mark(Math.max(from, lowest(range)), Math.min(to, behind(range)));
    }
    for (long page = far.firstIn(from, to); page < to; ) {
      long end = Math.min(to, far.endOf(page));
      mark(page, end);
      page = far.firstIn(end, to);
    }
    far.remove(from, to);
  }

  private boolean anyReserved(long first, long end) {
    for (MemoryRange range : reserved) {
      if (Math.max(first, lowest(range)) < Math.min(end, behind(range))) {
        return true;
      }
    }
    return false;
  }

  /** First page of the aperture that a range touches, if it touches any. */
  private long lowest(MemoryRange range) {
    return Long.compareUnsigned(range.base(), base) <= 0 ? 0 : (range.base() - base) >>> shift;
  }

  /** The page behind the last that a range touches; 0 when it lies below the aperture. */
  private long behind(MemoryRange range) {
    return Long.compareUnsigned(range.last(), base) < 0 ? 0 : (range.last() - base >>> shift) + 1;
  }
}
