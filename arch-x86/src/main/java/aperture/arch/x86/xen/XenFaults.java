package aperture.arch.x86.xen;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * Why a bus address reaches nothing. Nobody records any of it: the back end's hypercall that maps a
 * grant fails, or the machine's IOMMU, which is the hypervisor's, stops the device.
 */
enum XenFaults {
  NOT_A_GRANT(FaultKind.BLOCKED, "not a grant, and this back end maps nothing else"),
  BEYOND_TABLE(FaultKind.ADDRESS_SIZE, "grant reference beyond the grant table"),
  TABLE_READ(FaultKind.TABLE_READ, "grant table not in memory"),
  FREE(FaultKind.UNMAPPED, "grant entry is free"),
  NO_ACCESS(FaultKind.BLOCKED, "grant entry lets nobody use the frame"),
  SUB_PAGE(FaultKind.MALFORMED, "grant of a part of a frame in a table of version 1"),
  OTHER_DOMAIN(FaultKind.BLOCKED, "granted to another domain"),
  READ_ONLY(FaultKind.DENIED, "granted for reading only"),
  FOREIGN_FRAME(FaultKind.UNMAPPED, "machine frame is not this guest's"),
  LIST_READ(FaultKind.TABLE_READ, "physical-to-machine list not in memory"),
  NO_MACHINE_TABLE(FaultKind.BLOCKED, "the guest has no machine-to-physical table");

  private static final int NO_REASON = -1;

  private final FaultKind kind;
  private final String text;

  XenFaults(FaultKind kind, String text) {
    this.kind = kind;
    this.text = text;
  }

  /** Ends a walk with this fault. */
  void end(WalkResult result) {
    result.fault(kind, NO_REASON, text, false);
  }
}
