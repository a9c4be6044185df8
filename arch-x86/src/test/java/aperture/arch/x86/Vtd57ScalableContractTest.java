package aperture.arch.x86;

import java.util.Map;

class Vtd57ScalableContractTest extends Vtd57ContractTest {

  @Override
  protected Map<String, String> options() {
    return Map.of("mode", "scalable");
  }
}
