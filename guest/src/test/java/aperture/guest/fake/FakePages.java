package aperture.guest.fake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Hands out whole pages of test memory, and counts them. */
final class FakePages {

  static final int PAGE = 4096;

  private final long limit;
  private final Map<Long, Deque<Long>> freed = new HashMap<>();
  private final Map<Long, Long> taken = new HashMap<>();
  private long next = PAGE;
  private long inUse;

  FakePages(long limit) {
    this.limit = limit;
  }

  static long roundUp(long size) {
    return (size + PAGE - 1) / PAGE * PAGE;
  }

  /** Takes pages; -1 when there are no more. */
  synchronized long take(long size) {
    Deque<Long> reusable = freed.get(size);
    long gpa;
    if (reusable != null && !reusable.isEmpty()) {
      gpa = reusable.pop();
    } else if (next + size > limit) {
      return -1;
    } else {
      gpa = next;
      next += size;
    }
    taken.put(gpa, size);
    inUse += size;
    return gpa;
  }

  synchronized void give(long gpa) {
    Long size = taken.remove(gpa);
    if (size == null) {
      throw new IllegalArgumentException("0x%x was not taken".formatted(gpa));
    }
    inUse -= size;
    freed.computeIfAbsent(size, any -> new ArrayDeque<>()).push(gpa);
  }

  synchronized long bytesInUse() {
    return inUse;
  }
}
