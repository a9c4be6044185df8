package aperture.core.internal.dma;

import aperture.iommu.Permission;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One endpoint's cache of translations: 4 KiB IOVA pages to host offsets. A page has a few slots
 * where it may be: some from its own number on, so that neighbours share cache lines, and some from
 * a hash of it on, for pages that the first ones are too few for.
 *
 * <p>Look-ups are lock-free and made on a {@link Table} that a session fetches once per batch;
 * fills and removals happen under this object's lock. An entry is one word, so that a reader has
 * all of it or nothing:
 *
 * <pre>
 *   63                  32 31                 4 3    2 1        0
 *   | page number 31:0    | host page          |prefix|permission |   0 when empty
 * </pre>
 *
 * <p>The prefix names the upper 20 bits of the page number: 0 is always the prefix of zeroes, and
 * three more are given out as they come, since one endpoint's windows lie in few places. Host
 * memory beyond 1 TiB is not cached.
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

  /** 65,536 slots of 12 bytes: a guest cannot make an endpoint's cache larger than 0.8 MiB. */
  private static final int MAX_SLOTS = 1 << 16;

  /** Slots tried from each of the two places. */
  static final int PROBE = 4;

  private static final int PREFIXES = 4;
  private static final int NO_PREFIX = -1;
  private static final int NO_SLOT = -1;

  private static final int PAGE_LOW = 32;
  private static final int PREFIX_SHIFT = 2;
  private static final long PREFIX_MASK = (PREFIXES - 1L) << PREFIX_SHIFT;
  private static final long KEY_MASK = -1L << PAGE_LOW | PREFIX_MASK;
  private static final long VALUE_MASK = 0xffff_fff0L;
  private static final int VALUE_SHIFT = PAGE_SHIFT - 4;
  private static final long MAX_OFFSET = VALUE_MASK << VALUE_SHIFT;

  /** Ranges of fewer pages are removed page by page, larger ones in one pass over the slots. */
  private static final int FEW_PAGES = 64;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final int maxSlots;
  private volatile Table table = new Table(FIRST_SLOTS);
  private volatile long sequence;
  private int entries;
  private long filled;
  private boolean severalDomains;
  private int onlyDomain;

  Iotlb() {
    this(MAX_SLOTS);
  }

  /**
   * @param maxSlots how far it may grow; a power of two
   */
  Iotlb(int maxSlots) {
    this.maxSlots = maxSlots;
  }

  /** The slots: what a session reads. */
  static final class Table {
    private final long[] words;
    private final int[] domains;
    private final int[] prefixes = new int[PREFIXES];
    private final int mask;
    private final int shift;
    private volatile int prefixCount = 1;

    Table(int slots) {
      words = new long[slots + PROBE];
      domains = new int[slots + PROBE];
      mask = slots - 1;
      shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
    }

    int slots() {
      return mask + 1;
    }

    private int places() {
      return words.length;
    }

    private int home(long page) {
      return (int) page & mask;
    }

    private int secondHome(long page) {
      return (int) ((page * 0x9e3779b97f4a7c15L) >>> shift);
    }

    /** One of the slots where a page may be; {@code choice} is less than twice PROBE. */
    int slot(long page, int choice) {
      return choice < PROBE ? home(page) + choice : secondHome(page) + choice - PROBE;
    }

    /** What an entry of a page has in common with no other; the prefix is one given out. */
    private static long key(long page, int prefix) {
      return page << PAGE_LOW | (long) prefix << PREFIX_SHIFT;
    }

    /** The slot of a page that is here, or NO_SLOT. */
    private int slotOf(long page) {
      int prefix = prefixOf(page);
      int slot = prefix == NO_PREFIX ? NO_SLOT : placeFor(page, key(page, prefix));
      return slot != NO_SLOT && words[slot] != 0 ? slot : NO_SLOT;
    }

    /**
     * The slot of a page, else an empty one where it may be, else NO_SLOT. In one pass: a page may
     * be behind a slot that was emptied since.
     */
    private int placeFor(long page, long key) {
      int empty = NO_SLOT;
      for (int choice = 2 * PROBE - 1; choice >= 0; choice--) {
        int slot = slot(page, choice);
        long word = words[slot];
        if (word == 0) {
          empty = slot;
        } else if (((word ^ key) & KEY_MASK) == 0) {
          return slot;
        }
      }
      return empty;
    }

    /**
     * Looks a page up.
     *
     * @param need permission bits wanted: 1 read, 2 write
     * @return host offset of the page, or {@link #MISS}
     */
    long find(long page, int need) {
      long key = page << PAGE_LOW;
      if (page >>> PAGE_LOW != 0) {
        int prefix = prefixOf(page);
        if (prefix == NO_PREFIX) {
          return MISS;
        }
        key |= (long) prefix << PREFIX_SHIFT;
      }
      // Plain reads, so that the compiler may keep the rest in registers: 64-bit words are never
      // torn by a JVM of 64 bits, and a word that is stale was true in this batch, for whose end
      // its removal waits. Two loops and no method: with one, a batch takes a fifth longer.
      int first = home(page);
      for (int i = 0; i < PROBE; i++) {
        long entry = words[first + i];
        if (((entry ^ key) & KEY_MASK) == 0 && (entry & need) != 0) {
          return (entry & VALUE_MASK) << VALUE_SHIFT;
        }
      }
      int second = secondHome(page);
      for (int i = 0; i < PROBE; i++) {
        long entry = words[second + i];
        if (((entry ^ key) & KEY_MASK) == 0 && (entry & need) != 0) {
          return (entry & VALUE_MASK) << VALUE_SHIFT;
        }
      }
      return MISS;
    }

    private int prefixOf(long page) {
      int wanted = (int) (page >>> PAGE_LOW);
      // Prefixes are written before they are counted.
      for (int i = prefixCount - 1; i >= 0; i--) {
        if (prefixes[i] == wanted) {
          return i;
        }
      }
      return NO_PREFIX;
    }

    /** The prefix of a page, given out when it is new; NO_PREFIX when all are taken. */
    private int takePrefix(long page) {
      int known = prefixOf(page);
      int count = prefixCount;
      if (known != NO_PREFIX || count == PREFIXES) {
        return known;
      }
      prefixes[count] = (int) (page >>> PAGE_LOW);
      prefixCount = count + 1;
      return count;
    }

    private long entry(int slot) {
      return words[slot];
    }

    private long page(int slot) {
      int prefix = prefixes[(int) (words[slot] & PREFIX_MASK) >>> PREFIX_SHIFT];
      return (long) prefix << PAGE_LOW | words[slot] >>> PAGE_LOW;
    }

    private void write(int slot, long entry, int domain) {
      WORD.setOpaque(words, slot, entry);
      domains[slot] = domain;
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
    severalDomains |= filled > 0 && domain != onlyDomain;
    onlyDomain = domain;
    filled++;
    if (offset > MAX_OFFSET) {
      return true;
    }
    if (2 * (entries + 1) > table.slots() && table.slots() < maxSlots) {
      grow();
    }
    if (table.takePrefix(page) == NO_PREFIX) {
      // Windows in a fifth place: start over rather than remember without bound.
      table = new Table(FIRST_SLOTS);
      entries = 0;
    }
    long low = offset >>> VALUE_SHIFT | permission.bits();
    while (!put(table, page, low, domain, table.slots() >= maxSlots)) {
      grow();
    }
    return true;
  }

  /**
   * Writes an entry.
   *
   * @param evict whether another entry may go for it
   * @return false when there is no slot for it
   */
  private boolean put(Table target, long page, long low, int domain, boolean evict) {
    long key = Table.key(page, target.takePrefix(page));
    int slot = target.placeFor(page, key);
    if (slot == NO_SLOT) {
      if (!evict) {
        return false;
      }
      slot = target.slot(page, (int) filled & (2 * PROBE - 1));
    } else if (target.entry(slot) == 0) {
      entries++;
    }
    target.write(slot, key | low, domain);
    return true;
  }

  /** Host page and permission of an entry, without what names its page. */
  private static long low(long entry) {
    return entry & ~KEY_MASK;
  }

  private void grow() {
    Table old = table;
    Table next = new Table(old.slots() * 2);
    entries = 0;
    for (int slot = 0; slot < old.places(); slot++) {
      if (old.entry(slot) != 0) {
        put(next, old.page(slot), low(old.entry(slot)), old.domains[slot], true);
      }
    }
    table = next;
  }

  /** Removes the pages that touch a range. */
  synchronized void remove(long iova, long size) {
    remove(iova, size, 0, false);
  }

  /** Removes the pages of a domain that touch a range. */
  synchronized void removeDomain(int domain, long iova, long size) {
    remove(iova, size, domain, true);
  }

  /** Whether a page of the domain was ever here: if not, nobody can be using one. */
  synchronized boolean mayHold(int domain) {
    return severalDomains || (filled > 0 && domain == onlyDomain);
  }

  private synchronized void remove(long iova, long size, int domain, boolean byDomain) {
    // Moves even when nothing is cached: a walk under way may be about to fill.
    sequence = sequence + 1;
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
    sequence = sequence + 1;
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
    int slot = t.slotOf(page);
    if (slot != NO_SLOT && (!byDomain || t.domains[slot] == domain)) {
      t.write(slot, 0, 0);
      entries--;
    }
  }

  private void removeIf(long first, long last, int domain, boolean byDomain) {
    Table old = table;
    Table next = new Table(old.slots());
    entries = 0;
    for (int slot = 0; slot < old.places(); slot++) {
      if (old.entry(slot) != 0) {
        long page = old.page(slot);
        boolean inRange = page >= first && page <= last;
        if (!(inRange && (!byDomain || old.domains[slot] == domain))) {
          put(next, page, low(old.entry(slot)), old.domains[slot], true);
        }
      }
    }
    table = next;
  }
}
