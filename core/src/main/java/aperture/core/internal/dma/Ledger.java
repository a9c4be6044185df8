package aperture.core.internal.dma;

import aperture.iommu.Endpoint;
import aperture.iommu.MappingLedger;
import aperture.iommu.Permission;
import java.util.List;

/**
 * Live mappings by endpoint and IOVA: open addressing, so that adding and removing allocate nothing
 * until it grows. Guarded by the lock of its IOMMU.
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

  private final List<Endpoint> endpoints;
  private long[] keys = new long[1024];
  private long[] values = new long[1024];
  private long[] sizes = new long[1024];
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
    for (int i = 0; i < keys.length && !hidden; i++) {
      if (keys[i] != 0) {
        visitor.visit(
            endpoints.get((int) (keys[i] & (PRESENT - 1))),
            keys[i] & ~LOW,
            values[i] & ~LOW,
            sizes[i],
            Permission.of((values[i] & 1) != 0, (values[i] & 2) != 0));
      }
    }
  }

  void add(Endpoint endpoint, long iova, long gpa, long size, Permission permission) {
    if (2 * (count + 1) > keys.length) {
      grow();
    }
    put(key(endpoint, iova), gpa | permission.bits(), size);
  }

  /** Size of the mapping that starts at {@code iova}, 0 when none does. */
  long sizeOf(Endpoint endpoint, long iova) {
    int at = find(key(endpoint, iova));
    return at < 0 ? 0 : sizes[at];
  }

  /** Removes the mapping that starts at {@code iova}; there must be one. */
  void remove(Endpoint endpoint, long iova) {
    int hole = find(key(endpoint, iova));
    if (hole < 0) {
      throw new IllegalStateException("no mapping at 0x%x".formatted(iova));
    }
    count--;
    int mask = keys.length - 1;
    keys[hole] = 0;
    for (int at = (hole + 1) & mask; keys[at] != 0; at = (at + 1) & mask) {
      int home = home(keys[at], mask);
      // Entries whose home lies cyclically at or before the hole move into it.
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        keys[hole] = keys[at];
        values[hole] = values[at];
        sizes[hole] = sizes[at];
        keys[at] = 0;
        hole = at;
      }
    }
  }

  /** Visits the live mappings of one endpoint, hidden or not; the visitor may change nothing. */
  void forEachOf(Endpoint endpoint, Visitor visitor) {
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != 0 && (keys[i] & (PRESENT - 1)) == endpoint.index()) {
        visitor.visit(
            endpoint,
            keys[i] & ~LOW,
            values[i] & ~LOW,
            sizes[i],
            Permission.of((values[i] & 1) != 0, (values[i] & 2) != 0));
      }
    }
  }

  /** Live mappings of one endpoint. */
  int countOf(Endpoint endpoint) {
    int found = 0;
    for (long key : keys) {
      if (key != 0 && (key & (PRESENT - 1)) == endpoint.index()) {
        found++;
      }
    }
    return found;
  }

  private static long key(Endpoint endpoint, long iova) {
    return iova | PRESENT | endpoint.index();
  }

  private static int home(long key, int mask) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32) & mask;
  }

  private int find(long key) {
    int mask = keys.length - 1;
    for (int at = home(key, mask); keys[at] != 0; at = (at + 1) & mask) {
      if (keys[at] == key) {
        return at;
      }
    }
    return -1;
  }

  private void put(long key, long value, long size) {
    int mask = keys.length - 1;
    int at = home(key, mask);
    while (keys[at] != 0) {
      at = (at + 1) & mask;
    }
    keys[at] = key;
    values[at] = value;
    sizes[at] = size;
    count++;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldValues = values;
    long[] oldSizes = sizes;
    keys = new long[oldKeys.length * 2];
    values = new long[oldKeys.length * 2];
    sizes = new long[oldKeys.length * 2];
    count = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        put(oldKeys[i], oldValues[i], oldSizes[i]);
      }
    }
  }
}
