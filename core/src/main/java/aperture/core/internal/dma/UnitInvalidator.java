package aperture.core.internal.dma;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

/**
 * Exact invalidation: removes cached translations, makes overlapping rings stale, then waits for
 * workers that could still use what was removed.
 */
final class UnitInvalidator implements IommuInvalidator {

  private static final long END = -1L;

  private final Supplier<EndpointDma[]> faces;

  /**
   * @param faces the IOMMU's endpoints now
   */
  UnitInvalidator(Supplier<EndpointDma[]> faces) {
    this.faces = faces;
  }

  @Override
  public void invalidate(Endpoint endpoint, long iova, long size) {
    for (EndpointDma face : faces.get()) {
      if (face.endpoint().index() == endpoint.index()) {
        face.iotlb().remove(iova, size);
        settle(face, iova, Iotlb.last(iova, size));
      }
    }
  }

  @Override
  public void invalidateDomain(int domain, long iova, long size) {
    EndpointDma[] all = faces.get();
    for (EndpointDma face : all) {
      face.iotlb().removeDomain(domain, iova, size);
    }
    for (EndpointDma face : all) {
      if (face.iotlb().mayHold(domain)) {
        settle(face, iova, Iotlb.last(iova, size));
      }
    }
  }

  @Override
  public void invalidateEndpoint(Endpoint endpoint) {
    for (EndpointDma face : faces.get()) {
      if (face.endpoint().index() == endpoint.index()) {
        face.iotlb().clear();
        settle(face, 0, END);
      }
    }
  }

  @Override
  public void invalidateAll() {
    EndpointDma[] all = faces.get();
    for (EndpointDma face : all) {
      face.iotlb().clear();
    }
    for (EndpointDma face : all) {
      settle(face, 0, END);
    }
  }

  private static void settle(EndpointDma face, long first, long last) {
    face.countInvalidation();
    for (WorkerSession session : face.sessions()) {
      session.staleRings(first, last);
    }
    // Pairs with the fence in a session's begin: a worker that was not seen online sees the
    // removal.
    VarHandle.fullFence();
    face.awaitRelease(first, last);
  }
}
