package aperture.arch.x86.xen;

import aperture.arch.x86.XenpvMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class XenPvSwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new XenPvBehavior();
  }

  @Override
  protected MachineRow row() {
    return new XenpvMachineDefaults().rows().getLast();
  }
}
