package aperture.arch.x86.amdvi;

import aperture.iommu.InvalidationMode;
import java.util.Map;

class AmdViLazySwapContractTest extends AmdViSwapContractTest {

  @Override
  protected Map<String, String> options() {
    return Map.of(InvalidationMode.OPTION, InvalidationMode.LAZY.word());
  }
}
