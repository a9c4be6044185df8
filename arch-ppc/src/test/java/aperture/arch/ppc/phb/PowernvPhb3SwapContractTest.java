package aperture.arch.ppc.phb;

import aperture.arch.ppc.PowernvMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.IommuSwapContractTest;

class PowernvPhb3SwapContractTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new PowernvPhb3Behavior();
  }

  @Override
  protected MachineRow row() {
    return new PowernvMachineDefaults().rows().get(0);
  }
}
