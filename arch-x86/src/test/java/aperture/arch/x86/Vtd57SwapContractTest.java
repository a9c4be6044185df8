package aperture.arch.x86;

import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class Vtd57SwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new Vtd57Behavior();
  }

  @Override
  protected MachineRow row() {
    return new PcQ35MachineDefaults().rows().getLast();
  }
}
