package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;

/**
 * One translated area of a queue: a ring or an indirect table. Usually it lies together in the host;
 * where it does not, an index is looked up among the pieces. The only way of the device half to ring
 * memory.
 */
final class RingArea {

  private final GuestMemory memory;
  private final DmaRanges ranges = new DmaRanges();
  private boolean together;
  private long base;

  RingArea(GuestMemory memory) {
    this.memory = memory;
  }

  /** Empty, to be translated into; {@link #located} ends it. */
  DmaRanges relocate() {
    ranges.clear();
    return ranges;
  }

  void located() {
    together = ranges.count() == 1;
    base = ranges.offset(0);
  }

  /** Host offset of a byte of the area. */
  private long at(int index) {
    return together ? base + index : search(index);
  }

  private long search(int index) {
    long left = index;
    int range = 0;
    while (left >= ranges.length(range)) {
      left -= ranges.length(range);
      range++;
    }
    return ranges.offset(range) + left;
  }

  private boolean whole(int index, int bytes) {
    return together || search(index + bytes - 1) == search(index) + bytes - 1;
  }

  long get64(int index) {
    return whole(index, Long.BYTES)
        ? memory.getLe64(at(index))
        : get32(index) & 0xffffffffL | (long) get32(index + Integer.BYTES) << 32;
  }

  int get32(int index) {
    if (whole(index, Integer.BYTES)) {
      return memory.getLe32(at(index));
    }
    int value = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      value |= (memory.get8(at(index + i)) & 0xff) << (8 * i);
    }
    return value;
  }

  void put32(int index, int value) {
    memory.putLe32(at(index), value);
  }

  short loadAcquire16(int index) {
    return memory.loadAcquire16(at(index));
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
