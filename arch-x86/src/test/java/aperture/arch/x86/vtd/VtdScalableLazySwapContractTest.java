package aperture.arch.x86.vtd;

import java.util.Map;

class VtdScalableLazySwapContractTest extends VtdSwapContract48Test {

  @Override
  protected Map<String, String> options() {
    return Map.of("mode", "scalable", "invalidation", "lazy");
  }
}
