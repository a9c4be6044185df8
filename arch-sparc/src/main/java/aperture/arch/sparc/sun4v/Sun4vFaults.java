package aperture.arch.sparc.sun4v;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * How a translation fails. The calls report errors of mapping; an error of a device's access is an
 * interrupt of the fabric, of which no record is modelled.
 */
final class Sun4vFaults {

  private static final int NO_CODE = -1;

  private Sun4vFaults() {}

  static void outside(WalkResult result) {
    fault(result, FaultKind.ADDRESS_SIZE, "in no table that the device may use");
  }

  static void unmapped(WalkResult result) {
    fault(result, FaultKind.UNMAPPED, "the entry is not mapped");
  }

  static void denied(WalkResult result) {
    fault(result, FaultKind.DENIED, "the entry's attributes do not allow it");
  }

  private static void fault(WalkResult result, FaultKind kind, String text) {
    result.fault(kind, NO_CODE, text, false);
  }
}
