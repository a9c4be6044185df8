package aperture.arch.x86.amdvi;

import aperture.arch.x86.PcQ35MachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuContractTest;

class AmdViContractTest extends IommuContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new AmdViBehavior();
  }

  @Override
  protected MachineRow row() {
    return new PcQ35MachineDefaults().rows().getLast();
  }
}
