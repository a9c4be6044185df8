package aperture.arch.sparc.sun4v;

import aperture.arch.sparc.Sun4vMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuContractTest;

class Sun4vContractTest extends IommuContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new Sun4vBehavior();
  }

  @Override
  protected MachineRow row() {
    return new Sun4vMachineDefaults().rows().getLast();
  }
}
