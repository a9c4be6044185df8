package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Translates as the registers say: not at all, by legacy tables, or by scalable-mode tables.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 3.4, Mapping Devices to Domains.
 */
final class VtdWalker extends IommuWalker {

  /** Domain tag of translations that no context entry gave; domain ids are 16 bits. */
  static final int NO_DOMAIN = -1;

  private static final int REQUESTER_BITS = 16;

  private final VtdViews views;
  private final LegacyWalk legacy;
  private final ScalableWalk scalable;

  VtdWalker(GuestMemory memory, VtdViews views) {
    this.views = views;
    SecondLevelWalk tables = new SecondLevelWalk(memory);
    legacy = new LegacyWalk(memory, tables);
    scalable = new ScalableWalk(memory, tables);
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    VtdView view = views.current();
    int requesterId = endpoint.requesterId();
    if (view.plain
        && !InterruptRange.contains(iova)
        && requesterId >>> REQUESTER_BITS == 0
        && endpoint.attributes().isEmpty()) {
      // What nearly every walk is, on the shortest way.
      legacy.walk(view, requesterId, Requests.UNTRANSLATED, iova, access, result);
    } else if (!view.translating) {
      Extents.untranslated(iova, NO_DOMAIN, result);
    } else {
      request(
          view,
          requesterId,
          Requests.pasid(endpoint),
          Requests.type(endpoint),
          iova,
          access,
          result);
    }
  }

  private void request(
      VtdView view,
      int requesterId,
      int pasid,
      int type,
      long iova,
      Access access,
      WalkResult result) {
    if (pasid == Requests.NO_PASID && InterruptRange.contains(iova)) {
      VtdFaults.INTERRUPT_REQUEST.end(result, view, false);
    } else if (requesterId >>> REQUESTER_BITS != 0) {
      VtdFaults.ROOT_NOT_PRESENT.end(result, view, false);
    } else if (view.mode == RootAddressLayout.TTM_LEGACY) {
      if (pasid == Requests.NO_PASID) {
        legacy.walk(view, requesterId, type, iova, access, result);
      } else {
        VtdFaults.PASID_IN_LEGACY.end(result, view, false);
      }
    } else if (view.mode == RootAddressLayout.TTM_SCALABLE && view.scalable.supported) {
      scalable.walk(view, requesterId, pasid, type, iova, access, result);
    } else {
      boolean abort = view.mode == RootAddressLayout.TTM_ABORT && view.abortMode;
      (abort ? VtdFaults.ABORT_MODE : VtdFaults.ROOT_ADDRESS_INVALID).end(result, view, false);
    }
  }
}
