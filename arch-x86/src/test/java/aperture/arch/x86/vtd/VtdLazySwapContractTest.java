package aperture.arch.x86.vtd;

import aperture.iommu.InvalidationMode;
import java.util.Map;

class VtdLazySwapContractTest extends VtdSwapContract48Test {

  @Override
  protected Map<String, String> options() {
    return Map.of(InvalidationMode.OPTION, InvalidationMode.LAZY.word());
  }
}
