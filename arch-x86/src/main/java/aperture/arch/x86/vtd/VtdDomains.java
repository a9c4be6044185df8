package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The domains by endpoint: a cache of what the structures in memory and the ledger say. After a
 * swap it is empty, and the first question fills it for all endpoints in one pass over the ledger.
 * Used under the lock of the machine's IOMMU.
 */
final class VtdDomains {

  private final IommuState state;
  private final Attachments attachments;
  private @Nullable VtdDomain[] byEndpoint = new @Nullable VtdDomain[8];

  VtdDomains(IommuState state, Attachments attachments) {
    this.state = state;
    this.attachments = attachments;
  }

  /** A domain that was just made: nothing of it is handed out. */
  void add(Endpoint endpoint, int id, long root, int levels) {
    put(endpoint, domain(endpoint.requesterId(), id, root, levels));
  }

  void remove(Endpoint endpoint) {
    if (endpoint.index() < byEndpoint.length) {
      byEndpoint[endpoint.index()] = null;
    }
  }

  /** The endpoint's domain; null when it has none that this driver can edit. */
  @Nullable VtdDomain find(Endpoint endpoint) {
    VtdDomain known = known(endpoint);
    if (known == null && attachments.read(endpoint.requesterId()) != null) {
      load();
      known = known(endpoint);
    }
    return known;
  }

  /**
   * As {@link #find}, for a range that is handed out. The ledger may have forgotten it already when
   * this very call is the first after a swap.
   */
  @Nullable VtdDomain findHolding(Endpoint endpoint, long iova, long size) {
    VtdDomain known = known(endpoint);
    if (known == null) {
      known = find(endpoint);
      if (known != null) {
        take(known, iova, size);
      }
    }
    return known;
  }

  private @Nullable VtdDomain known(Endpoint endpoint) {
    int index = endpoint.index();
    VtdDomain known = index < byEndpoint.length ? byEndpoint[index] : null;
    return known != null && known.requesterId() == endpoint.requesterId() ? known : null;
  }

  private void load() {
    boolean[] fresh = new boolean[state.endpoints().size()];
    for (Endpoint endpoint : state.endpoints()) {
      if (known(endpoint) == null) {
        VtdDomain read = read(endpoint.requesterId());
        if (read != null) {
          put(endpoint, read);
          fresh[endpoint.index()] = true;
        }
      }
    }
    state
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          VtdDomain domain = known(endpoint);
          if (domain != null && endpoint.index() < fresh.length && fresh[endpoint.index()]) {
            take(domain, iova, size);
          }
        });
  }

  private @Nullable VtdDomain read(int requesterId) {
    Attachment said = attachments.read(requesterId);
    return said == null || !said.editable()
        ? null
        : domain(requesterId, said.domain(), said.root(), said.levels());
  }

  private VtdDomain domain(int requesterId, int id, long root, int levels) {
    int code = ContextEntryLayout.widthCodeOf(levels);
    int guestWidth = CapabilityLayout.maximumGuestWidth(state.registers().get(CAP));
    int width = Math.min(ContextEntryLayout.width(code), guestWidth);
    return new VtdDomain(
        requesterId, id, root, levels, width, new VtdIovas(width, state.reserved()));
  }

  private static void take(VtdDomain domain, long iova, long size) {
    domain.iovas().take(iova, (int) (size >>> SecondLevelLayout.PAGE_SHIFT));
  }

  private void put(Endpoint endpoint, VtdDomain domain) {
    int index = endpoint.index();
    if (index >= byEndpoint.length) {
      byEndpoint = Arrays.copyOf(byEndpoint, Math.max(index + 1, byEndpoint.length * 2));
    }
    byEndpoint[index] = domain;
  }
}
