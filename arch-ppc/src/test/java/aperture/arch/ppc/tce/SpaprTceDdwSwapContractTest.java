package aperture.arch.ppc.tce;

import aperture.arch.ppc.PseriesMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class SpaprTceDdwSwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new SpaprTceDdwBehavior();
  }

  @Override
  protected MachineRow row() {
    return new PseriesMachineDefaults().rows().getLast();
  }
}
