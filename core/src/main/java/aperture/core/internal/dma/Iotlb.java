package aperture.core.internal.dma;

import aperture.iommu.Permission;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One endpoint's cache of translations: 4 KiB IOVA pages to host offsets, open addressing with a
 * bounded probe.
 *
 * <p>Look-ups are lock-free and made on a {@link Table} that a session fetches once per batch;
 * fills and removals happen under this object's lock. An entry is three words:
 *
 * <pre>
 *   word 0: page number in 63:2 (0 when empty), permission in 1:0
 *   word 1: host offset of the page
 *   word 2: stamp in 63:32, domain tag in 31:0
 * </pre>
 *
 * <p>The stamp is odd while the entry is written and moves with every write: a reader that sees the
 * same even stamp before and after it read an entry has a whole one. Comparing the page number
 * alone would not do, because a page may leave a slot and return to it meanwhile.
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

  /** 65,536 slots of 24 bytes: a guest cannot make an endpoint's cache larger than 1.6 MiB. */
  private static final int MAX_SLOTS = 1 << 16;

  private static final int PROBE = 8;

  private static final int WORDS = 3;
  private static final int VALUE = 1;
  private static final int STAMP = 2;
  private static final long STAMP_STEP = 1L << 32;
  private static final long DOMAIN_MASK = STAMP_STEP - 1;

  /** Ranges of fewer pages are removed page by page, larger ones in one pass over the slots. */
  private static final int FEW_PAGES = 64;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private volatile Table table = new Table(FIRST_SLOTS);
  private volatile long sequence;
  private int entries;
  private long filled;
  private boolean severalDomains;
  private int onlyDomain;

  /** The slots: what a session reads. */
  static final class Table {
    private final long[] words;
    private final int mask;
    private final int shift;

    Table(int slots) {
      words = new long[WORDS * (slots + PROBE)];
      mask = slots - 1;
      shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
    }

    int slots() {
      return mask + 1;
    }

    private int places() {
      return words.length / WORDS;
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
      int at = WORDS * home(page);
      for (int end = at + WORDS * PROBE; at < end; at += WORDS) {
        long stamp = (long) WORD.getAcquire(words, at + STAMP);
        long key = (long) WORD.getOpaque(words, at);
        if (key >>> 2 == page && (key & need) != 0) {
          long value = (long) WORD.getOpaque(words, at + VALUE);
          // Pairs with the release in write: whoever saw a word of a later write sees its stamp.
          VarHandle.loadLoadFence();
          boolean whole = (stamp & STAMP_STEP) == 0;
          return whole && (long) WORD.getOpaque(words, at + STAMP) == stamp ? value : MISS;
        }
        if (key == 0) {
          return MISS;
        }
      }
      return MISS;
    }

    private long key(int slot) {
      return words[WORDS * slot];
    }

    private long value(int slot) {
      return words[WORDS * slot + VALUE];
    }

    private int domain(int slot) {
      return (int) words[WORDS * slot + STAMP];
    }

    /** Called under the lock of the cache. */
    private void write(int slot, long key, long value, int domain) {
      int at = WORDS * slot;
      long stamp = (words[at + STAMP] & ~DOMAIN_MASK) + STAMP_STEP;
      WORD.setOpaque(words, at + STAMP, stamp);
      VarHandle.storeStoreFence();
      WORD.setOpaque(words, at, key);
      WORD.setOpaque(words, at + VALUE, value);
      WORD.setRelease(words, at + STAMP, stamp + STAMP_STEP | domain & DOMAIN_MASK);
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
    severalDomains |= filled > 0 && domain != onlyDomain;
    onlyDomain = domain;
    filled++;
    return true;
  }

  private void put(Table target, long key, long offset, int domain) {
    int home = target.home(key >>> 2);
    int slot = home;
    while (slot < home + PROBE) {
      long there = target.key(slot);
      if (there == 0 || there >>> 2 == key >>> 2) {
        break;
      }
      slot++;
    }
    if (slot == home + PROBE) {
      slot = home + (int) (filled & (PROBE - 1));
    } else if (target.key(slot) == 0) {
      entries++;
    }
    target.write(slot, key, offset, domain);
  }

  private void grow() {
    Table old = table;
    Table next = new Table(old.slots() * 4);
    entries = 0;
    for (int slot = 0; slot < old.places(); slot++) {
      if (old.key(slot) != 0) {
        put(next, old.key(slot), old.value(slot), old.domain(slot));
      }
    }
    table = next;
  }

  /** Removes the pages that touch a range. */
  synchronized void remove(long iova, long size) {
    remove(iova, size, 0, false);
  }

  /**
   * Removes the pages of a domain that touch a range.
   *
   * @return false when no page of the domain was ever here: nobody can be using one
   */
  synchronized boolean removeDomain(int domain, long iova, long size) {
    remove(iova, size, domain, true);
    return severalDomains || (filled > 0 && domain == onlyDomain);
  }

  private void remove(long iova, long size, int domain, boolean byDomain) {
    // Moves even when nothing is cached: a walk under way may be about to fill.
    sequence++;
    if (entries == 0) {
      return;
    }
    long first = iova >>> PAGE_SHIFT;
    long last = last(iova, size) >>> PAGE_SHIFT;
    if (last - first < FEW_PAGES) {
      for (long page = first; page <= last; page++) {
        removePage(page, domain, byDomain);
      }
    } else {
      removeIf(first, last, domain, byDomain);
    }
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

  private void removePage(long page, int domain, boolean byDomain) {
    Table t = table;
    int home = t.home(page);
    for (int slot = home; slot < home + PROBE; slot++) {
      if (t.key(slot) != 0 && t.key(slot) >>> 2 == page) {
        if (!byDomain || t.domain(slot) == domain) {
          removeSlot(t, slot);
        }
        return;
      }
    }
  }

  private void removeIf(long first, long last, int domain, boolean byDomain) {
    Table old = table;
    Table next = new Table(old.slots());
    entries = 0;
    for (int slot = 0; slot < old.places(); slot++) {
      long key = old.key(slot);
      long page = key >>> 2;
      boolean inRange = page >= first && page <= last;
      if (key != 0 && !(inRange && (!byDomain || old.domain(slot) == domain))) {
        put(next, key, old.value(slot), old.domain(slot));
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
    t.write(hole, 0, 0, 0);
    for (int slot = hole + 1; slot < Math.min(hole + PROBE, t.places()); slot++) {
      long key = t.key(slot);
      if (key == 0) {
        return;
      }
      if (t.home(key >>> 2) <= hole) {
        t.write(hole, key, t.value(slot), t.domain(slot));
        t.write(slot, 0, 0, 0);
        hole = slot;
      }
    }
  }
}
