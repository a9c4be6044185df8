package aperture.arch.arm64.smmu;

import aperture.arch.arm64.VirtMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.LazyInvalidationContractTest;

class SmmuV3LazyTest extends LazyInvalidationContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new SmmuV3Behavior();
  }

  @Override
  protected MachineRow row() {
    return new VirtMachineDefaults().rows().getLast();
  }
}
