package aperture.arch.x86;

import java.util.Map;

class Vtd57ScalableSwapContractTest extends Vtd57SwapContractTest {

  @Override
  protected Map<String, String> options() {
    return Map.of("mode", "scalable");
  }
}
