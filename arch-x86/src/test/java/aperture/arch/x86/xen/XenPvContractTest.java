package aperture.arch.x86.xen;

import aperture.arch.x86.XenpvMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuContractTest;

class XenPvContractTest extends IommuContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new XenPvBehavior();
  }

  @Override
  protected MachineRow row() {
    return new XenpvMachineDefaults().rows().getLast();
  }
}
