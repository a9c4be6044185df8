package aperture.arch.ppc.tce;

import aperture.arch.ppc.PseriesMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class SpaprTceSwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new SpaprTceBehavior();
  }

  @Override
  protected MachineRow row() {
    return new PseriesMachineDefaults().rows().getLast();
  }
}
