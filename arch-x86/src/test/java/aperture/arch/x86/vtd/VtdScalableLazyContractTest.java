package aperture.arch.x86.vtd;

import aperture.arch.x86.PcQ35MachineDefaults;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineRow;
import aperture.testkit.LazyInvalidationContractTest;
import java.util.Map;

class VtdScalableLazyContractTest extends LazyInvalidationContractTest {

  @Override
  protected IommuBehavior behavior() {
    return new VtdBehavior();
  }

  @Override
  protected MachineRow row() {
    return new PcQ35MachineDefaults().rows().getLast();
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("mode", "scalable");
  }
}
