package aperture.arch.x86.vtd;

import aperture.iommu.FlushQueue;
import aperture.iommu.IommuException;
import aperture.iommu.IovaAllocator;
import aperture.memory.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The IOVAs of one domain: below 4 GiB first, above only for endpoints whose mask allows it and
 * once the low part is nearly used up, because searching a full bitmap takes long.
 */
final class VtdIovas implements FlushQueue.Owner {

  private static final long LOW_SIZE = 1L << 32;
  private static final long LOW_PAGES = LOW_SIZE >>> SecondLevelLayout.PAGE_SHIFT;

  /** Beyond this the low part is left to those who need it. */
  private static final long LOW_FULL = LOW_PAGES - LOW_PAGES / 8;

  private final IovaAllocator low;
  private final IovaAllocator high;

  /**
   * @param width bits of the address space, at least 33
   * @param reserved never handed out, beside page 0 and the interrupt range
   */
  VtdIovas(int width, List<MemoryRange> reserved) {
    List<MemoryRange> all = new ArrayList<>(reserved);
    // Drivers take 0 for "no address".
    all.add(new MemoryRange(0, SecondLevelLayout.PAGE_SIZE));
    all.add(InterruptRange.RANGE);
    MemoryRange below = new MemoryRange(0, LOW_SIZE);
    MemoryRange above = new MemoryRange(LOW_SIZE, (1L << width) - LOW_SIZE);
    low = new IovaAllocator(below, SecondLevelLayout.PAGE_SHIFT, all);
    high = new IovaAllocator(above, SecondLevelLayout.PAGE_SHIFT, all);
  }

  /**
   * Takes pages, at an aligned place when there is one.
   *
   * @param alignment in pages, a power of two
   * @param limit highest address allowed for the last byte, unsigned
   * @throws IommuException when nothing fits
   */
  long allocate(int pages, long alignment, long limit) throws IommuException {
    boolean mayGoHigh = Long.compareUnsigned(limit, LOW_SIZE) >= 0;
    boolean highFirst = mayGoHigh && low.used() + pages > LOW_FULL;
    long lowLimit = mayGoHigh ? LOW_SIZE - 1 : limit;
    long found = highFirst ? high.allocate(pages, alignment, limit) : IovaAllocator.NO_SPACE;
    if (found == IovaAllocator.NO_SPACE) {
      found = low.allocate(pages, alignment, lowLimit);
    }
    if (found == IovaAllocator.NO_SPACE && mayGoHigh && !highFirst) {
      found = high.allocate(pages, alignment, limit);
    }
    if (found == IovaAllocator.NO_SPACE && alignment > 1) {
      return allocate(pages, 1, limit);
    }
    if (found == IovaAllocator.NO_SPACE) {
      throw new IommuException(
          "no %d free IOVA pages in a row at or below 0x%x".formatted(pages, limit));
    }
    return found;
  }

  /** Marks pages as handed out; false when that cannot be, and nothing changed. */
  boolean take(long iova, int pages) {
    return part(iova).take(iova, pages);
  }

  @Override
  public void free(long iova, int pages) {
    part(iova).free(iova, pages);
  }

  private IovaAllocator part(long iova) {
    return Long.compareUnsigned(iova, LOW_SIZE) < 0 ? low : high;
  }
}
