package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.iommu.Access;
import aperture.memory.GuestMemory;

/**
 * Takes chains whose every range is translated already and lies together: nearly all of them.
 *
 * <p>Nothing here stays a call and nothing is reported, so that the compiler keeps in registers
 * what a batch does not change; this is also why it is one method. A chain that needs anything else
 * is left where it is: {@link ChainTaker} takes it, from its first descriptor on.
 */
final class CachedChains {

  private static final int READ = Access.READ.bit();
  private static final int WRITE = Access.WRITE.bit();

  private final DmaSession session;
  private final GuestMemory memory;
  private final SplitRings rings;
  private final int size;
  private final int mostElements;
  private long bytes;

  CachedChains(DmaSession session, SplitRings rings, int size) {
    this.session = session;
    this.memory = session.memory();
    this.rings = rings;
    this.size = size;
    this.mostElements = Math.min(size, Virtqueues.MAX_ELEMENTS);
  }

  /** Bytes of the chains that the last call took. */
  long bytes() {
    return bytes;
  }

  /**
   * Takes chains into the places {@code from} to {@code to} of the batch, until one is left or
   * together they cover more than {@code mostBytes}.
   *
   * @param first available index of the chain that goes to place 0
   * @return the place behind the last chain taken
   */
  int take(ChainBatch batch, int from, int to, int first, long mostBytes) {
    bytes = 0;
    if (!rings.together()) {
      return from;
    }
    long available = rings.available.base();
    long descriptors = rings.descriptors.base();
    long taken = 0;
    int place = from;
    chains:
    while (place < to && taken <= mostBytes) {
      int slot = (first + place) & (size - 1);
      int index = memory.getLe16(available + SplitRingLayout.availableEntry(slot)) & 0xffff;
      if (index >= size) {
        break;
      }
      DescriptorChain chain = batch.chain(place);
      chain.reset(index);
      DmaRanges ranges = chain.ranges();
      int elementsLeft = mostElements;
      long total = 0;
      long readable = 0;
      int readableRanges = 0;
      int write = 0;
      while (true) {
        long at = descriptors + SplitRingLayout.descriptor(index);
        long address = memory.getLe64(at + SplitRingLayout.ADDRESS);
        long rest = memory.getLe64(at + SplitRingLayout.LENGTH_FLAGS_NEXT);
        long length = SplitRingLayout.length(rest);
        int flags = SplitRingLayout.flags(rest);
        int writeNow = flags & SplitRingLayout.WRITE;
        boolean indirect = (flags & SplitRingLayout.INDIRECT) != 0;
        if (indirect || write > writeNow || elementsLeft-- == 0) {
          break chains;
        }
        if (write < writeNow) {
          readable = total;
          readableRanges = ranges.count();
          write = writeNow;
        }
        long offset = session.translateCached(address, length, write != 0 ? WRITE : READ);
        if (offset == DmaSession.NOT_CACHED || !ranges.appendInPlace(offset, length)) {
          break chains;
        }
        total += length;
        if ((flags & SplitRingLayout.NEXT) == 0) {
          break;
        }
        index = SplitRingLayout.next(rest);
        if (index >= size) {
          break chains;
        }
      }
      if (total > ChainTaker.MAX_BYTES) {
        break;
      }
      if (write != 0) {
        chain.ready(readableRanges, readable, total - readable);
      } else {
        chain.ready(ranges.count(), total, 0);
      }
      taken += total;
      place++;
    }
    bytes = taken;
    return place;
  }
}
