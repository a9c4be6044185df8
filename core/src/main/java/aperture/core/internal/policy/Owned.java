package aperture.core.internal.policy;

import java.util.concurrent.ConcurrentSkipListMap;

/** Guest memory that a driver allocated during an experiment. Thread-safe. */
final class Owned {

  private final ConcurrentSkipListMap<Long, Long> ranges = new ConcurrentSkipListMap<>();

  void add(long gpa, long size) {
    ranges.merge(gpa, size, Math::max);
  }

  /** Whether a number, taken for a physical address, is in memory of the driver. */
  boolean holds(long address) {
    var below = ranges.floorEntry(address);
    return below != null && address - below.getKey() < below.getValue();
  }
}
