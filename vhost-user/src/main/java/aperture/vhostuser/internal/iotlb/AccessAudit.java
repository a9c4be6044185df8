package aperture.vhostuser.internal.iotlb;

import aperture.memory.GuestMemory;
import aperture.served.QueueJournal;
import aperture.vhostuser.internal.memory.GuestPieces;
import aperture.virtqueue.ChainBatch;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks over the device's shoulder: whatever memory a request used must be what some translation
 * means whose end was not acknowledged yet when the request was finished. Knows nothing of leases
 * and caches, only what the front end said and which memory was used. For tests and for whoever
 * doubts; costs time for each page. Thread-safe.
 */
public final class AccessAudit {

  private static final Logger LOG = System.getLogger(AccessAudit.class.getName());
  private static final int PAGE_SHIFT = 12;

  /** Guest-physical page of each IOVA page. */
  private final Map<Long, Long> meaning = new HashMap<>();

  /** How many IOVA pages mean a guest-physical page. */
  private final Map<Long, Integer> meant = new HashMap<>();

  private long accesses;
  private long stale;

  /**
   * A translation is here and about to be found by walks: what it means may be used from now on,
   * and so may what it replaces. {@link #began} follows.
   */
  synchronized void coming(long first, long last, long gpa) {
    long target = gpa >>> PAGE_SHIFT;
    long pages = (last >>> PAGE_SHIFT) - (first >>> PAGE_SHIFT);
    for (long page = 0; page <= pages; page++) {
      meant.merge(target + page, 1, Integer::sum);
    }
  }

  /** What the translation replaces is used by nobody any more. */
  synchronized void began(long first, long last, long gpa) {
    long from = first >>> PAGE_SHIFT;
    long to = last >>> PAGE_SHIFT;
    for (long page = from; page <= to; page++) {
      Long before = meaning.put(page, (gpa >>> PAGE_SHIFT) + (page - from));
      if (before != null) {
        release(before);
      }
    }
  }

  private void release(long target) {
    meant.computeIfPresent(target, (page, count) -> count == 1 ? null : count - 1);
  }

  /** The end of a range is about to be acknowledged. */
  synchronized void ended(long first, long last) {
    long from = first >>> PAGE_SHIFT;
    long to = last >>> PAGE_SHIFT;
    if (Long.compareUnsigned(to - from, meaning.size()) < 0) {
      for (long page = from; page <= to; page++) {
        Long target = meaning.remove(page);
        if (target != null) {
          release(target);
        }
      }
      return;
    }
    meaning
        .entrySet()
        .removeIf(entry -> {
          boolean in =
              Long.compareUnsigned(entry.getKey(), from) >= 0
                  && Long.compareUnsigned(entry.getKey(), to) <= 0;
          if (in) {
            release(entry.getValue());
          }
          return in;
        });
  }

  /** Pages used so far. */
  public synchronized long accesses() {
    return accesses;
  }

  /** Pages used that no translation meant any more. */
  public synchronized long stale() {
    return stale;
  }

  /**
   * The journal of a queue.
   *
   * @param memory what its chains point into
   */
  public QueueJournal journal(GuestMemory memory) {
    return new QueueJournal() {
      @Override
      public void taken(ChainBatch batch) {}

      @Override
      public void finished(ChainBatch batch, int usedIndex) {
        for (int i = 0; i < batch.size(); i++) {
          GuestPieces.each(memory, batch.chain(i).ranges(), 0, AccessAudit.this::check);
        }
      }

      @Override
      public void published() {}
    };
  }

  private synchronized void check(long gpa, long bytes) {
    long last = (gpa + bytes - 1) >>> PAGE_SHIFT;
    for (long page = gpa >>> PAGE_SHIFT; page <= last; page++) {
      accesses++;
      if (!meant.containsKey(page)) {
        stale++;
        LOG.log(
            Level.ERROR,
            "page 0x{0} was used after its translation had ended",
            Long.toHexString(page << PAGE_SHIFT));
      }
    }
  }
}
