package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import java.util.Arrays;

/**
 * One translated area of a queue: a ring or an indirect table. Usually it lies together in the
 * host; where it does not, a table says where each of its pages lies. The only way of the device
 * half to ring memory.
 *
 * <p>An index is a byte of the area. Callers keep indexes inside the area; a wrong one meets the
 * bounds of guest memory.
 */
final class RingArea {

  private static final int PAGE_SHIFT = 12;
  private static final int PAGE_SIZE = 1 << PAGE_SHIFT;
  private static final int PAGE_MASK = PAGE_SIZE - 1;

  private final GuestMemory memory;
  private final DmaRanges ranges = new DmaRanges();
  private boolean together;
  private long base;

  /** Where index 0 lies in its page, and where each page begins in the host. */
  private int inPage;

  private long[] pages = new long[0];

  RingArea(GuestMemory memory) {
    this.memory = memory;
  }

  /** Empty, to be translated into; {@link #located} ends it. */
  DmaRanges relocate() {
    ranges.clear();
    return ranges;
  }

  /**
   * The area is translated.
   *
   * @param address its device address
   * @param alignment of {@code address}, a power of two: what ordered accesses rely on
   * @return false when the host does not keep that alignment, or an area in pieces does not come in
   *     whole pages
   */
  boolean located(long address, int alignment) {
    together = ranges.count() == 1;
    base = ranges.offset(0);
    return together ? (base & (alignment - 1)) == 0 : spread(address, alignment);
  }

  private boolean spread(long address, int alignment) {
    inPage = (int) (address & PAGE_MASK);
    long at = inPage;
    for (int range = 0; range < ranges.count(); range++) {
      long left = ranges.length(range);
      long start = ranges.offset(range) - at;
      if ((range > 0 && (at & PAGE_MASK) != 0) || (start & (alignment - 1)) != 0) {
        return false;
      }
      int first = (int) (at >>> PAGE_SHIFT);
      int last = (int) ((at + left - 1) >>> PAGE_SHIFT);
      if (last >= pages.length) {
        pages = Arrays.copyOf(pages, Math.max(last + 1, 2 * pages.length));
      }
      for (int page = first; page <= last; page++) {
        pages[page] = start + ((long) page << PAGE_SHIFT);
      }
      at += left;
    }
    return true;
  }

  /** Where the area lies, for looking only. */
  DmaRanges ranges() {
    return ranges;
  }

  /** Whether the area lies in one piece in the host. */
  boolean together() {
    return together;
  }

  /** Host offset of index 0 of an area that lies together. */
  long base() {
    return base;
  }

  private long at(int index) {
    return together ? base + index : search(index);
  }

  private long search(int index) {
    int at = index + inPage;
    return pages[at >>> PAGE_SHIFT] + (at & PAGE_MASK);
  }

  /** A 64-bit number at any alignment; each of its bytes is read once. */
  long get64(int index) {
    return together ? memory.getLe64(base + index) : getSpread(index);
  }

  private long getSpread(int index) {
    if (((index + inPage) & PAGE_MASK) <= PAGE_SIZE - Long.BYTES) {
      return memory.getLe64(search(index));
    }
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value |= (memory.get8(search(index + i)) & 0xffL) << (8 * i);
    }
    return value;
  }

  /** Two 32-bit numbers, the first in the low half; {@code index} is a multiple of 4. */
  void put64(int index, long value) {
    if (together) {
      memory.putLe64(base + index, value);
    } else {
      // A page may end between the halves, never inside one.
      memory.putLe32(search(index), (int) value);
      memory.putLe32(search(index + Integer.BYTES), (int) (value >>> 32));
    }
  }

  short loadAcquire16(int index) {
    return memory.loadAcquire16(at(index));
  }

  /** A 16-bit number; a load-acquire before it decides what it may be. */
  short get16(int index) {
    return memory.getLe16(at(index));
  }

  short loadOpaque16(int index) {
    return memory.loadOpaque16(at(index));
  }

  void storeRelease16(int index, short value) {
    memory.storeRelease16(at(index), value);
  }

  void storeOpaque16(int index, short value) {
    memory.storeOpaque16(at(index), value);
  }
}
