package aperture.arch.x86.vtd;

import aperture.arch.x86.PcQ35MachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class VtdSwapContract57Test extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new VtdBehavior(57);
  }

  @Override
  protected MachineRow row() {
    return new PcQ35MachineDefaults().rows().getLast();
  }
}
