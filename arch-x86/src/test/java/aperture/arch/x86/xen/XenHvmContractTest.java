package aperture.arch.x86.xen;

import aperture.arch.x86.XenfvMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuContractTest;

class XenHvmContractTest extends IommuContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new XenHvmBehavior();
  }

  @Override
  protected MachineRow row() {
    return new XenfvMachineDefaults().rows().getLast();
  }
}
