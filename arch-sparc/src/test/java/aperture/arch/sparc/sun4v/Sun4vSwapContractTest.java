package aperture.arch.sparc.sun4v;

import aperture.arch.sparc.Sun4vMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class Sun4vSwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new Sun4vBehavior();
  }

  @Override
  protected MachineRow row() {
    return new Sun4vMachineDefaults().rows().getLast();
  }
}
