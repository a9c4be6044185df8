package aperture.core.internal.dma;

import aperture.iommu.Permission;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One endpoint's cache of translations: 4 KiB IOVA pages to host offsets, open addressing with a
 * bounded probe.
 *
 * <p>Look-ups are lock-free and made on a {@link Table} that a session fetches once per batch;
 * fills and removals happen under this object's lock. An entry is two words, written so that a
 * reader that sees the same key before and after the value has a value of that key:
 *
 * <pre>
 *   word 0: page number in 63:2 (0 when empty), permission in 1:0
 *   word 1: host offset of the page
 * </pre>
 *
 * <p>A fill after a walk must prove that no invalidation came in between: it states the {@link
 * #sequence} read before the walk.
 */
final class Iotlb {

  static final int PAGE_SHIFT = 12;
  static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;

  /** What a look-up returns when the page is not there, or not for this access. */
  static final long MISS = -1;

  private static final int FIRST_SLOTS = 256;

  /** 65,536 slots of 20 bytes: a guest cannot make an endpoint's cache larger than 1.3 MiB. */
  private static final int MAX_SLOTS = 1 << 16;

  private static final int PROBE = 8;
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private volatile Table table = new Table(FIRST_SLOTS);
  private volatile long sequence;
  private int entries;
  private long filled;

  /** The slots: what a session reads. */
  static final class Table {
    final long[] words;
    final int[] domains;
    final int mask;
    final int shift;

    Table(int slots) {
      words = new long[2 * (slots + PROBE)];
      domains = new int[slots + PROBE];
      mask = slots - 1;
      shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
    }

    int slots() {
      return mask + 1;
    }

    int home(long page) {
      return (int) ((page * 0x9e3779b97f4a7c15L) >>> shift);
    }

    /**
     * Looks a page up.
     *
     * @param need permission bits wanted: 1 read, 2 write
     * @return host offset of the page, or {@link #MISS}
     */
    long find(long page, int need) {
      int at = 2 * home(page);
      for (int end = at + 2 * PROBE; at < end; at += 2) {
        long key = (long) WORD.getAcquire(words, at);
        if (key >>> 2 == page && (key & need) != 0) {
          long value = (long) WORD.getAcquire(words, at + 1);
          return (long) WORD.getOpaque(words, at) == key ? value : MISS;
        }
        if (key == 0) {
          return MISS;
        }
      }
      return MISS;
    }
  }

  Table table() {
    return table;
  }

  /** Moves with every removal; read it before a walk and state it when filling. */
  long sequence() {
    return sequence;
  }

  synchronized int entries() {
    return entries;
  }

  synchronized long filled() {
    return filled;
  }

  /**
   * Adds a page.
   *
   * @param walkedAt {@link #sequence} before the walk
   * @return false when an invalidation came in between: walk again
   */
  synchronized boolean fill(
      long page, long offset, Permission permission, int domain, long walkedAt) {
    if (sequence != walkedAt) {
      return false;
    }
    if (2 * (entries + 1) > table.slots() && table.slots() < MAX_SLOTS) {
      grow();
    }
    put(table, page << 2 | permission.bits(), offset, domain);
    filled++;
    return true;
  }

  private void put(Table target, long key, long offset, int domain) {
    int home = target.home(key >>> 2);
    int slot = home;
    while (slot < home + PROBE) {
      long there = target.words[2 * slot];
      if (there == 0 || there >>> 2 == key >>> 2) {
        break;
      }
      slot++;
    }
    if (slot == home + PROBE) {
      slot = home + (int) (filled & (PROBE - 1));
    } else if (target.words[2 * slot] == 0) {
      entries++;
    }
    // Empty first, so that no reader pairs the old key with the new value.
    WORD.setOpaque(target.words, 2 * slot, 0L);
    VarHandle.storeStoreFence();
    WORD.setOpaque(target.words, 2 * slot + 1, offset);
    WORD.setRelease(target.words, 2 * slot, key);
    target.domains[slot] = domain;
  }

  private void grow() {
    Table old = table;
    Table next = new Table(old.slots() * 4);
    entries = 0;
    for (int slot = 0; slot < old.domains.length; slot++) {
      if (old.words[2 * slot] != 0) {
        put(next, old.words[2 * slot], old.words[2 * slot + 1], old.domains[slot]);
      }
    }
    table = next;
  }

  /** Removes the pages that touch a range. */
  synchronized void remove(long iova, long size) {
    sequence++;
    long first = iova >>> PAGE_SHIFT;
    long last = last(iova, size) >>> PAGE_SHIFT;
    if (last - first < 64) {
      for (long page = first; page <= last; page++) {
        removePage(page);
      }
    } else {
      removeIf(first, last, -1, false);
    }
  }

  /** Removes the pages of a domain that touch a range. */
  synchronized void removeDomain(int domain, long iova, long size) {
    sequence++;
    removeIf(iova >>> PAGE_SHIFT, last(iova, size) >>> PAGE_SHIFT, domain, true);
  }

  /** Removes everything and gives the memory back. */
  synchronized void clear() {
    sequence++;
    table = new Table(FIRST_SLOTS);
    entries = 0;
  }

  /** Last address of a range; size 0 means to the end of the address space. */
  static long last(long iova, long size) {
    long last = iova + (size - 1);
    return size == 0 || Long.compareUnsigned(last, iova) < 0 ? -1L : last;
  }

  private void removePage(long page) {
    Table t = table;
    int home = t.home(page);
    for (int slot = home; slot < home + PROBE; slot++) {
      if (t.words[2 * slot] != 0 && t.words[2 * slot] >>> 2 == page) {
        removeSlot(t, slot);
        return;
      }
    }
  }

  private void removeIf(long first, long last, int domain, boolean byDomain) {
    Table old = table;
    Table next = new Table(old.slots());
    entries = 0;
    for (int slot = 0; slot < old.domains.length; slot++) {
      long key = old.words[2 * slot];
      long page = key >>> 2;
      boolean inRange = page >= first && page <= last;
      if (key != 0 && !(inRange && (!byDomain || old.domains[slot] == domain))) {
        put(next, key, old.words[2 * slot + 1], old.domains[slot]);
      }
    }
    table = next;
  }

  /**
   * Empties a slot and pulls later entries of the probe forward, so that an empty slot still ends a
   * search. A concurrent reader may miss an entry while it moves; it then walks.
   */
  private void removeSlot(Table t, int removed) {
    entries--;
    int hole = removed;
    WORD.setOpaque(t.words, 2 * hole, 0L);
    for (int slot = hole + 1; slot < Math.min(hole + PROBE, t.domains.length); slot++) {
      long key = t.words[2 * slot];
      if (key == 0) {
        return;
      }
      if (t.home(key >>> 2) <= hole) {
        long value = t.words[2 * slot + 1];
        int domain = t.domains[slot];
        VarHandle.storeStoreFence();
        WORD.setOpaque(t.words, 2 * hole + 1, value);
        WORD.setRelease(t.words, 2 * hole, key);
        t.domains[hole] = domain;
        WORD.setRelease(t.words, 2 * slot, 0L);
        hole = slot;
      }
    }
  }
}
