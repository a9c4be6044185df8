package aperture.itest.stranger;

import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuContractTest;
import tern.TernBehavior;
import tern.TernMachineDefaults;

class TernContractTest extends IommuContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new TernBehavior();
  }

  @Override
  protected MachineRow row() {
    return new TernMachineDefaults().rows().getLast();
  }
}
