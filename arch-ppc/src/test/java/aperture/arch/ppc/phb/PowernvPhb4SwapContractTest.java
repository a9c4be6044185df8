package aperture.arch.ppc.phb;

import aperture.arch.ppc.PowernvMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class PowernvPhb4SwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new PowernvPhb4Behavior();
  }

  @Override
  protected MachineRow row() {
    return new PowernvMachineDefaults().rows().get(1);
  }
}
