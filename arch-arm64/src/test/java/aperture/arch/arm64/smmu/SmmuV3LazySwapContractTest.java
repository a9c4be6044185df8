package aperture.arch.arm64.smmu;

import aperture.iommu.InvalidationMode;
import java.util.Map;

class SmmuV3LazySwapContractTest extends SmmuV3SwapContractTest {

  @Override
  protected Map<String, String> options() {
    return Map.of(InvalidationMode.OPTION, InvalidationMode.LAZY.word());
  }
}
