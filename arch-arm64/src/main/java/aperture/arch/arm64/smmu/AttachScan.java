package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.WalkResult;

/**
 * Walks once for each known endpoint, and refuses state that would need what is not modelled,
 * rather than translate it wrongly. What is illegal for another reason is for the walks to report.
 */
final class AttachScan {

  private AttachScan() {}

  static void check(IommuState state, SmmuV3Walker walker) throws AttachRefusedException {
    WalkResult scratch = WalkResult.withoutSteps();
    for (Endpoint endpoint : state.endpoints()) {
      scratch.begin();
      // Entry and context come before the address, so any address finds them.
      walker.walk(endpoint, 0, Access.READ, scratch);
      if (scratch.outcome() == WalkResult.Outcome.FAULT && Unmodelled.is(scratch.faultText())) {
        throw new AttachRefusedException("endpoint " + endpoint.id() + ": " + scratch.faultText());
      }
    }
  }
}
