package aperture.core.internal.dma;

import java.util.Arrays;

/**
 * What a worker's batch has translated and may use until it ends. Written by the worker; others
 * read it after they have seen, in the session's state word, that the batch holds.
 */
final class BatchLeases {

  /** An address in each page that was found cached. */
  private long[] pages = new long[256];

  private int pageCount;

  /** First and last address of each other range, in pairs. */
  private long[] ranges = new long[64];

  private int rangeCount;

  void clear() {
    rangeCount = 0;
    pageCount = 0;
  }

  /**
   * Adds a page by an address in it; false when there is no room, which {@link #addRange} makes.
   */
  boolean addPage(long iova) {
    long[] all = pages;
    int at = pageCount;
    if (Integer.compareUnsigned(at, all.length) >= 0) {
      return false;
    }
    all[at] = iova;
    pageCount = at + 1;
    return true;
  }

  void addRange(long first, long last) {
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, 2 * pageCount);
    }
    int at = 2 * rangeCount;
    if (at == ranges.length) {
      ranges = Arrays.copyOf(ranges, 2 * at);
    }
    ranges[at] = first;
    ranges[at + 1] = last;
    rangeCount++;
  }

  /** How many pages were added as such. */
  int pages() {
    return pageCount;
  }

  /** All of it as ranges: first and last address, in pairs. */
  long[] ranges() {
    long[] all = Arrays.copyOf(ranges, 2 * (rangeCount + pageCount));
    int at = 2 * rangeCount;
    for (int i = 0; i < pageCount; i++) {
      all[at++] = pages[i] & ~Iotlb.PAGE_MASK;
      all[at++] = pages[i] | Iotlb.PAGE_MASK;
    }
    return all;
  }

  boolean overlap(long first, long last) {
    return Ranges.overlap(ranges, rangeCount, first, last) || overlapsPage(first, last);
  }

  private boolean overlapsPage(long first, long last) {
    long[] all = pages;
    int count = Math.min(pageCount, all.length);
    for (int i = 0; i < count; i++) {
      if (Ranges.overlap(all[i] & ~Iotlb.PAGE_MASK, all[i] | Iotlb.PAGE_MASK, first, last)) {
        return true;
      }
    }
    return false;
  }
}
