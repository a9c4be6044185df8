package aperture.arch.ppc.window;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/** How a translation fails: the bridge does not answer, the device sees a master abort. */
final class PciWindowFaults {

  private static final int NO_CODE = -1;

  private PciWindowFaults() {}

  static void outside(WalkResult result) {
    result.fault(FaultKind.ADDRESS_SIZE, NO_CODE, "in no inbound window", false);
  }

  static void otherBus(WalkResult result) {
    result.fault(FaultKind.NOT_MEMORY, NO_CODE, "the window leads to another bus", false);
  }
}
