package aperture.arch.sparc.sun4u;

import aperture.arch.sparc.Sun4uMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuContractTest;

class Sun4uContractTest extends IommuContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new Sun4uBehavior();
  }

  @Override
  protected MachineRow row() {
    return new Sun4uMachineDefaults().rows().getLast();
  }
}
