package aperture.arch.ppc.tce;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;

/**
 * The hardware half: finds the window that holds the address, then one entry of its table.
 *
 * <p>Source: QEMU 7.2, hw/ppc/spapr_iommu.c, spapr_tce_translate_iommu.
 */
final class SpaprTceWalker extends IommuWalker {

  /** The one structure that a walk reads; its address is the entry's index. */
  static final String TCE = "TCE";

  private final EndpointWindows windows;

  SpaprTceWalker(EndpointWindows windows) {
    this.windows = windows;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    if (HostBridge.MSI_WINDOW.contains(iova)) {
      SpaprTceFaults.messageWindow(result);
      return;
    }
    EndpointWindows.View view = windows.of(endpoint);
    for (TceWindow window : view.windows) {
      long index = window.indexOf(iova);
      if (index != TceWindow.OUTSIDE) {
        answer(window, index, access, result);
        return;
      }
    }
    if (view.incomplete) {
      SpaprTceFaults.missingTable(result);
    } else {
      SpaprTceFaults.outside(result);
    }
  }

  private static void answer(TceWindow window, long index, Access access, WalkResult result) {
    long tce = window.get(index);
    result.step(TCE, index, tce);
    Permission permission = TceLayout.permission(tce);
    if (TceLayout.isEmpty(tce)) {
      SpaprTceFaults.empty(result);
    } else if (permission.allows(access)) {
      result.translated(
          window.addressOf(index),
          TceLayout.page(tce, window.pageShift()),
          window.pageSize(),
          permission,
          window.domain());
    } else if (access == Access.WRITE) {
      SpaprTceFaults.writeDenied(result);
    } else {
      SpaprTceFaults.readDenied(result);
    }
  }
}
