package aperture.arch.x86.amdvi;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The domains by endpoint: a cache of what the device table and the ledger say. After a swap it is
 * empty, and the first question fills it for all endpoints in one pass over the ledger. Used under
 * the lock of the machine's IOMMU.
 */
final class AmdViDomains {

  private final IommuState state;
  private final DeviceTable table;
  private @Nullable AmdViDomain[] byEndpoint = new @Nullable AmdViDomain[8];

  AmdViDomains(IommuState state, DeviceTable table) {
    this.state = state;
    this.table = table;
  }

  /** A domain that was just made: nothing of it is handed out. */
  void add(Endpoint endpoint, int id, long root, int levels) {
    AmdViIovas iovas = new AmdViIovas(state.reserved());
    put(endpoint, new AmdViDomain(endpoint.requesterId(), id, root, levels, iovas));
  }

  /** Puts another domain in an endpoint's place. */
  void put(Endpoint endpoint, AmdViDomain domain) {
    int index = endpoint.index();
    if (index >= byEndpoint.length) {
      byEndpoint = Arrays.copyOf(byEndpoint, Math.max(index + 1, byEndpoint.length * 2));
    }
    byEndpoint[index] = domain;
  }

  void remove(Endpoint endpoint) {
    if (endpoint.index() < byEndpoint.length) {
      byEndpoint[endpoint.index()] = null;
    }
  }

  /** The endpoint's domain; null when it has none that this driver can edit. */
  @Nullable AmdViDomain find(Endpoint endpoint) {
    AmdViDomain known = known(endpoint);
    if (known == null && table.translates(endpoint.requesterId())) {
      load();
      known = known(endpoint);
    }
    return known;
  }

  /**
   * As {@link #find}, for a range that is handed out. The ledger may have forgotten it already when
   * this very call is the first after a swap.
   */
  @Nullable AmdViDomain findHolding(Endpoint endpoint, long iova, long size) {
    AmdViDomain known = known(endpoint);
    if (known == null) {
      known = find(endpoint);
      if (known != null) {
        take(known, iova, size);
      }
    }
    return known;
  }

  private @Nullable AmdViDomain known(Endpoint endpoint) {
    int index = endpoint.index();
    AmdViDomain known = index < byEndpoint.length ? byEndpoint[index] : null;
    return known != null && known.requesterId() == endpoint.requesterId() ? known : null;
  }

  private void load() {
    boolean[] fresh = new boolean[state.endpoints().size()];
    for (Endpoint endpoint : state.endpoints()) {
      int requesterId = endpoint.requesterId();
      if (known(endpoint) == null && table.translates(requesterId)) {
        long quad0 = table.quad0(requesterId);
        add(
            endpoint,
            table.domain(requesterId),
            DeviceEntryLayout.root(quad0),
            DeviceEntryLayout.mode(quad0));
        fresh[endpoint.index()] = true;
      }
    }
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          AmdViDomain domain = known(endpoint);
          if (domain != null && endpoint.index() < fresh.length && fresh[endpoint.index()]) {
            take(domain, iova, size);
          }
        });
  }

  private static void take(AmdViDomain domain, long iova, long size) {
    domain.iovas().take(iova, (int) (size >>> PageEntryLayout.PAGE_SHIFT));
  }
}
