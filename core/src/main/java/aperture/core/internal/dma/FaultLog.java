package aperture.core.internal.dma;

import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuFault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine's translation faults: each distinct cause once, with a count, the last {@link #LIMIT}
 * kept, so that a hostile guest fills nothing. Thread-safe.
 */
public final class FaultLog {

  /** Distinct causes kept; 256 entries of some 300 bytes. */
  static final int LIMIT = 256;

  private final Map<Cause, Entry> entries = new LinkedHashMap<>();
  private final Map<Integer, Long> counts = new HashMap<>();
  private long total;

  /**
   * One distinct fault.
   *
   * @param endpoint the requester
   * @param fault what was seen first
   * @param recorded where the hardware recorded it, empty when it did not
   * @param count how often
   */
  public record Entry(Endpoint endpoint, IommuFault fault, String recorded, long count) {}

  private record Cause(int endpoint, FaultKind kind, int reason, long page) {}

  synchronized void add(Endpoint endpoint, IommuFault fault, String recorded) {
    total++;
    counts.merge(endpoint.index(), 1L, Long::sum);
    Cause cause =
        new Cause(
            endpoint.index(), fault.kind(), fault.reason(), fault.iova() >>> Iotlb.PAGE_SHIFT);
    Entry before = entries.remove(cause);
    if (entries.size() == LIMIT) {
      entries.remove(entries.keySet().iterator().next());
    }
    entries.put(
        cause,
        before == null
            ? new Entry(endpoint, fault, recorded, 1)
            : new Entry(endpoint, before.fault(), before.recorded(), before.count() + 1));
  }

  /** The faults kept, the newest last. */
  public synchronized List<Entry> entries() {
    return new ArrayList<>(entries.values());
  }

  /** Faults of one endpoint, kept or not. */
  public synchronized long countOf(Endpoint endpoint) {
    return counts.getOrDefault(endpoint.index(), 0L);
  }

  /** An identity passes to another device: what it did before is not the newcomer's. */
  public synchronized void forget(Endpoint endpoint) {
    counts.remove(endpoint.index());
    entries.values().removeIf(entry -> entry.endpoint().index() == endpoint.index());
  }

  /** Faults of all endpoints. */
  public synchronized long total() {
    return total;
  }
}
