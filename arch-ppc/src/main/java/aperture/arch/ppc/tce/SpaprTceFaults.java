package aperture.arch.ppc.tce;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * How a translation fails here. There are no reason codes and no record: hardware freezes the
 * partitionable endpoint, a hypervisor fails the access in silence.
 *
 * <p>Sources: Linux 6.1, Documentation/powerpc/eeh-pci-error-recovery.rst; QEMU 7.2,
 * hw/ppc/spapr_iommu.c, spapr_tce_translate_iommu.
 */
final class SpaprTceFaults {

  private static final int NO_CODE = -1;

  private SpaprTceFaults() {}

  static void outside(WalkResult result) {
    fault(result, FaultKind.ADDRESS_SIZE, "outside every window of the host bridge");
  }

  static void missingTable(WalkResult result) {
    fault(result, FaultKind.TABLE_READ, "a window of the host bridge has no table");
  }

  static void messageWindow(WalkResult result) {
    fault(result, FaultKind.RESERVED, "the message interrupt window is not memory");
  }

  static void empty(WalkResult result) {
    fault(result, FaultKind.UNMAPPED, "the entry has no rights");
  }

  static void writeDenied(WalkResult result) {
    fault(result, FaultKind.DENIED, "the entry does not allow writing");
  }

  static void readDenied(WalkResult result) {
    fault(result, FaultKind.DENIED, "the entry does not allow reading");
  }

  private static void fault(WalkResult result, FaultKind kind, String text) {
    result.fault(kind, NO_CODE, text, false);
  }
}
