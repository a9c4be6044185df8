package aperture.core.internal.policy;

import aperture.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Pages of guest memory that nobody may touch, filled with what shows when it is read: taken for an
 * index it is far out of range, taken for data it is nobody's.
 */
final class Canaries {

  static final int PAGE = 4096;
  private static final byte FILL = (byte) 0xca;
  private static final int SHOWN = 4;

  private final GuestMemory memory;
  private final long from;
  private final long to;
  private final long above;
  private final ConcurrentSkipListSet<Long> pages = new ConcurrentSkipListSet<>();

  /**
   * @param from first byte of memory that is kept free for canaries
   * @param to first byte behind it
   * @param above from here on all memory is free
   */
  Canaries(GuestMemory memory, long from, long to, long above) {
    this.memory = memory;
    this.from = from;
    this.to = to;
    this.above = above;
  }

  /** Poisons the memory whose numbers are in the range, where it is memory that is kept free. */
  void poison(long first, long length) {
    for (long page = first & -PAGE; page < first + length; page += PAGE) {
      if (isFree(page) && pages.add(page)) {
        memory.fill(memory.offsetOf(page, PAGE), PAGE, FILL);
      }
    }
  }

  private boolean isFree(long page) {
    boolean kept =
        Long.compareUnsigned(page, from) >= 0 && Long.compareUnsigned(page + PAGE, to) <= 0;
    return (kept || Long.compareUnsigned(page, above) >= 0)
        && memory.offsetOf(page, PAGE) != GuestMemory.NOT_MEMORY;
  }

  /** First byte of the memory that is kept free. */
  long first() {
    return from;
  }

  /** First byte behind it. */
  long end() {
    return to;
  }

  /** Those that were overwritten, for people. */
  List<String> overwritten() {
    List<String> found = new ArrayList<>();
    byte[] bytes = new byte[PAGE];
    for (long page : pages) {
      memory.read(memory.offsetOf(page, PAGE), bytes, 0, PAGE);
      for (int i = 0; i < PAGE && found.size() < SHOWN; i++) {
        if (bytes[i] != FILL) {
          found.add("canary at 0x%x reads 0x%x".formatted(page + i, bytes[i] & 0xff));
          break;
        }
      }
    }
    return found;
  }
}
