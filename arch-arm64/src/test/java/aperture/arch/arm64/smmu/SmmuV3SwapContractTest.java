package aperture.arch.arm64.smmu;

import aperture.arch.arm64.SbsaRefMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

/** On the other machine, whose memory starts at 1 TiB. */
class SmmuV3SwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new SmmuV3Behavior();
  }

  @Override
  protected MachineRow row() {
    return new SbsaRefMachineDefaults().rows().getFirst();
  }
}
