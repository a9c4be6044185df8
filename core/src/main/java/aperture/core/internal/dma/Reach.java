package aperture.core.internal.dma;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import java.util.List;

/** Which guest-physical addresses are memory, for people. */
@FunctionalInterface
interface Reach {

  /** Whether all of a range, which has a byte at least, is memory. */
  boolean holds(long gpa, long length);

  static Reach of(GuestMemory memory) {
    return (gpa, length) -> memory.offsetOf(gpa, length) != GuestMemory.NOT_MEMORY;
  }

  /** Memory of which perhaps no page is here. */
  static Reach of(List<MemoryRange> ranges) {
    return (gpa, length) ->
        ranges.stream().anyMatch(range -> range.contains(gpa) && length - 1 <= range.last() - gpa);
  }
}
