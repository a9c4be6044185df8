package aperture.core.internal.dma;

import aperture.iommu.Endpoint;
import aperture.iommu.MappingLedger;
import aperture.iommu.Permission;
import java.util.List;

/**
 * Live mappings by endpoint and IOVA: open addressing, so that adding and removing allocate nothing
 * until it grows. Guarded by the lock of its IOMMU.
 *
 * <p>A slot is three words in a row, for with many mappings each is a cache miss of its own:
 *
 * <pre>
 *   key   IOVA in 63:12, 1 in 11, endpoint index in 10:0
 *   value guest-physical address in 63:12, permission in 1:0
 *   size  bytes
 * </pre>
 */
final class Ledger implements MappingLedger {

  /** Endpoints that a machine can have: what the key has room for. */
  static final int MAX_ENDPOINTS = 1 << 11;

  private static final long PRESENT = MAX_ENDPOINTS;
  private static final long LOW = 0xfff;

  private static final int FIRST_SLOTS = 128;
  private static final int WORDS = 3;
  private static final int VALUE = 1;
  private static final int SIZE = 2;

  private final List<Endpoint> endpoints;
  private long[] slots = new long[WORDS * FIRST_SLOTS];
  private int mask = FIRST_SLOTS - 1;
  private int count;
  private boolean hidden;

  /**
   * @param endpoints live list of the machine's endpoints, by index
   */
  Ledger(List<Endpoint> endpoints) {
    this.endpoints = endpoints;
  }

  @Override
  public int size() {
    return hidden ? 0 : count;
  }

  /**
   * While tables are rebuilt, the newcomer must see none of the mappings before it is given them.
   */
  void hide(boolean hide) {
    hidden = hide;
  }

  @Override
  public void forEach(Visitor visitor) {
    for (int at = 0; at < slots.length && !hidden; at += WORDS) {
      if (slots[at] != 0) {
        visit(endpoints.get(endpointOf(slots[at])), at, visitor);
      }
    }
  }

  private void visit(Endpoint endpoint, int at, Visitor visitor) {
    long value = slots[at + VALUE];
    visitor.visit(
        endpoint,
        slots[at] & ~LOW,
        value & ~LOW,
        slots[at + SIZE],
        Permission.of((value & 1) != 0, (value & 2) != 0));
  }

  void add(Endpoint endpoint, long iova, long gpa, long size, Permission permission) {
    if (2 * (count + 1) > mask + 1) {
      grow();
    }
    put(key(endpoint, iova), gpa | permission.bits(), size);
  }

  /** Size of the mapping that starts at {@code iova}, 0 when none does. */
  long sizeOf(Endpoint endpoint, long iova) {
    int at = find(key(endpoint, iova));
    return at < 0 ? 0 : slots[at + SIZE];
  }

  /** Removes the mapping that starts at {@code iova}; there must be one. */
  void remove(Endpoint endpoint, long iova) {
    int hole = find(key(endpoint, iova));
    if (hole < 0) {
      throw new IllegalStateException("no mapping at 0x%x".formatted(iova));
    }
    count--;
    slots[hole] = 0;
    for (int at = next(hole); slots[at] != 0; at = next(at)) {
      // Entries whose home lies cyclically at or before the hole move into it.
      if (distance(home(slots[at]), at) >= distance(hole, at)) {
        System.arraycopy(slots, at, slots, hole, WORDS);
        slots[at] = 0;
        hole = at;
      }
    }
  }

  /** Visits the live mappings of one endpoint, hidden or not; the visitor may change nothing. */
  void forEachOf(Endpoint endpoint, Visitor visitor) {
    for (int at = 0; at < slots.length; at += WORDS) {
      if (slots[at] != 0 && endpointOf(slots[at]) == endpoint.index()) {
        visit(endpoint, at, visitor);
      }
    }
  }

  /** Live mappings of one endpoint. */
  int countOf(Endpoint endpoint) {
    int found = 0;
    for (int at = 0; at < slots.length; at += WORDS) {
      if (slots[at] != 0 && endpointOf(slots[at]) == endpoint.index()) {
        found++;
      }
    }
    return found;
  }

  private static long key(Endpoint endpoint, long iova) {
    return iova | PRESENT | endpoint.index();
  }

  private static int endpointOf(long key) {
    return (int) (key & (PRESENT - 1));
  }

  /** Where a key's slot begins, if no other has it. */
  private int home(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return WORDS * ((int) (mixed >>> 32) & mask);
  }

  /** Where the slot behind one begins. */
  private int next(int at) {
    int behind = at + WORDS;
    return behind == slots.length ? 0 : behind;
  }

  /** Words from one slot on to another. */
  private int distance(int from, int to) {
    return to >= from ? to - from : to - from + slots.length;
  }

  private int find(long key) {
    for (int at = home(key); slots[at] != 0; at = next(at)) {
      if (slots[at] == key) {
        return at;
      }
    }
    return -1;
  }

  private void put(long key, long value, long size) {
    int at = home(key);
    while (slots[at] != 0) {
      at = next(at);
    }
    slots[at] = key;
    slots[at + VALUE] = value;
    slots[at + SIZE] = size;
    count++;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[old.length * 2];
    mask = 2 * mask + 1;
    count = 0;
    for (int at = 0; at < old.length; at += WORDS) {
      if (old[at] != 0) {
        put(old[at], old[at + VALUE], old[at + SIZE]);
      }
    }
  }
}
