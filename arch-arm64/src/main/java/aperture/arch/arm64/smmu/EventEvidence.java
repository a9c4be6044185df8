package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * What an event says beyond the fault that core keeps, found by walking again: the intermediate
 * address, and the privilege that the stream table entry gave. Where the tables have changed since,
 * nobody knows any more, and the event says 0. One thread at a time.
 */
final class EventEvidence {

  private final SmmuV3Walker walker;
  private final RegisterView view;
  private final GuestMemory memory;
  private final WalkResult again = new WalkResult();
  private boolean same;

  EventEvidence(SmmuV3Walker walker, RegisterView view, GuestMemory memory) {
    this.walker = walker;
    this.view = view;
    this.memory = memory;
  }

  void gather(Endpoint endpoint, IommuFault fault) {
    again.begin();
    walker.walk(endpoint, fault.iova(), fault.access(), again);
    int last = again.steps() - 1;
    same =
        again.outcome() == WalkResult.Outcome.FAULT
            && again.faultReason() == fault.reason()
            && last >= 0
            && again.stepAddress(last) == fault.structureAddress()
            && again.stepStructure(last).equals(fault.structure());
  }

  /** The address that stage 2 was asked for last. */
  long intermediate() {
    for (int step = again.steps() - 1; same && step >= 0; step--) {
      if (SmmuV3Faults.isIntermediate(again.stepStructure(step))) {
        return again.stepAddress(step);
      }
    }
    return 0;
  }

  boolean privileged() {
    for (int step = 0; same && step < again.steps(); step++) {
      if (again.stepStructure(step).equals(SmmuV3Faults.STREAM_ENTRY)) {
        long offset = memory.offsetOf(again.stepAddress(step), StreamEntryLayout.BYTES);
        return offset >= 0
            && StreamTable.privileged(view.current(), memory.getLe64(offset + Long.BYTES));
      }
    }
    return false;
  }
}
