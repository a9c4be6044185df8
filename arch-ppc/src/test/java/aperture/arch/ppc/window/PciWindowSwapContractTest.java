package aperture.arch.ppc.window;

import aperture.arch.ppc.Ppce500MachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

/** Windows stay what they are whoever supplies them. */
class PciWindowSwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new PciWindowBehavior();
  }

  @Override
  protected MachineRow row() {
    return new Ppce500MachineDefaults().rows().getLast();
  }
}
