package aperture.arch.x86.amdvi;

import aperture.iommu.FlushQueue;
import aperture.iommu.IommuException;
import aperture.iommu.IovaAllocator;
import aperture.memory.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The IOVAs of one domain: below 4 GiB first, above only for endpoints whose mask allows it and
 * once the low part is nearly used up, because searching a full bitmap takes long.
 *
 * <p>Ranges are aligned to their size rounded up, so that large pages can map them.
 */
final class AmdViIovas implements FlushQueue.Owner {

  /** Bits of a domain's address space. */
  static final int WIDTH = 48;

  private static final int SHIFT = PageEntryLayout.PAGE_SHIFT;
  private static final long LOW_SIZE = 1L << 32;
  private static final long LOW_PAGES = LOW_SIZE >>> SHIFT;

  /** Beyond this the low part is left to those who need it. */
  private static final long LOW_FULL = LOW_PAGES - LOW_PAGES / 8;

  /** Pages of 1 GiB: aligning further gains nothing and costs room. */
  private static final long MAX_ALIGNMENT = 1L << 30 - SHIFT;

  /** Addresses that HyperTransport keeps for itself. */
  private static final MemoryRange HYPERTRANSPORT =
      new MemoryRange(0xfd_0000_0000L, 0x3_0000_0000L);

  private final IovaAllocator low;
  private final IovaAllocator high;

  /**
   * @param reserved never handed out, beside page 0, the interrupt range and HyperTransport's
   */
  AmdViIovas(List<MemoryRange> reserved) {
    List<MemoryRange> all = new ArrayList<>(reserved);
    // Drivers take 0 for "no address".
    all.add(new MemoryRange(0, PageEntryLayout.PAGE_SIZE));
    all.add(InterruptRange.RANGE);
    all.add(HYPERTRANSPORT);
    low = new IovaAllocator(new MemoryRange(0, LOW_SIZE), SHIFT, all);
    high = new IovaAllocator(new MemoryRange(LOW_SIZE, (1L << WIDTH) - LOW_SIZE), SHIFT, all);
  }

  /**
   * @param limit highest address allowed for the last byte, unsigned
   * @throws IommuException when nothing fits
   */
  long allocate(int pages, long limit) throws IommuException {
    long alignment = Math.min(roundedUp(pages), MAX_ALIGNMENT);
    boolean mayGoHigh = Long.compareUnsigned(limit, LOW_SIZE) >= 0;
    long found = IovaAllocator.NO_SPACE;
    if (mayGoHigh && low.used() + pages > LOW_FULL) {
      found = high.allocate(pages, alignment, limit);
    }
    if (found == IovaAllocator.NO_SPACE) {
      found = low.allocate(pages, alignment, mayGoHigh ? LOW_SIZE - 1 : limit);
    }
    if (found == IovaAllocator.NO_SPACE && mayGoHigh) {
      found = high.allocate(pages, alignment, limit);
    }
    if (found == IovaAllocator.NO_SPACE) {
      throw new IommuException(
          "no %d free IOVA pages in a row at or below 0x%x".formatted(pages, limit));
    }
    return found;
  }

  private static long roundedUp(int pages) {
    return pages == 1 ? 1 : Long.highestOneBit(pages - 1L) << 1;
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
