package aperture.arch.ppc.window;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;

/**
 * The hardware half: the first window that has the address. It is the same for every device.
 *
 * <p>Sources: QEMU 7.2, hw/pci-host/ppce500.c, e500_update_piw; hw/pci-host/raven.c,
 * raven_pcihost_initfn.
 */
final class PciWindowWalker extends IommuWalker {

  /** The one structure that a walk reads: the attributes of a window, its address the number. */
  static final String WINDOW = "PIWAR";

  static final int DOMAIN = 0;

  private final InboundWindows windows;

  PciWindowWalker(InboundWindows windows) {
    this.windows = windows;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    for (InboundWindows.Window window = windows.first(); window != null; window = window.next) {
      if (window.contains(iova)) {
        result.step(WINDOW, window.number, window.attributes);
        if (window.local) {
          result.translated(window.bus, window.memory, window.size, Permission.READ_WRITE, DOMAIN);
        } else {
          PciWindowFaults.otherBus(result);
        }
        return;
      }
    }
    PciWindowFaults.outside(result);
  }
}
