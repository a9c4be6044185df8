package aperture.arch.ppc.window;

import aperture.arch.ppc.Ppce500MachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuContractTest;

/** Windows keep what every kind must keep, but for protection. */
class PciWindowContractTest extends IommuContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new PciWindowBehavior();
  }

  @Override
  protected MachineRow row() {
    return new Ppce500MachineDefaults().rows().getLast();
  }
}
