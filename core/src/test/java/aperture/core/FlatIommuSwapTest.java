package aperture.core;

import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.FlatBehavior;
import aperture.testkit.FlatRow;
import aperture.testkit.IommuSwapContractTest;

/** Swaps on the simplest IOMMU: what fails here is core's. */
class FlatIommuSwapTest extends IommuSwapContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new FlatBehavior();
  }

  @Override
  protected MachineRow row() {
    return FlatRow.row("2.0", true);
  }
}
