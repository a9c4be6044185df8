package aperture.arch.sparc.sun4u;

import aperture.arch.sparc.Sun4uMachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.LazyInvalidationContractTest;

class Sun4uLazyTest extends LazyInvalidationContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new Sun4uBehavior();
  }

  @Override
  protected MachineRow row() {
    return new Sun4uMachineDefaults().rows().getLast();
  }

  /** Everything is flushed when an address comes round again, so by the end of the window. */
  @Override
  protected int most() {
    return (int) DvmaWindow.TSB_ENTRIES;
  }
}
