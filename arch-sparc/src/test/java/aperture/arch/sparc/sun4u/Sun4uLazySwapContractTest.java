package aperture.arch.sparc.sun4u;

import aperture.iommu.InvalidationMode;
import java.util.Map;

class Sun4uLazySwapContractTest extends Sun4uSwapContractTest {

  @Override
  protected Map<String, String> options() {
    return Map.of(InvalidationMode.OPTION, InvalidationMode.LAZY.word());
  }
}
