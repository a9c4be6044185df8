package aperture.arch.x86.vtd;

import java.util.Map;

class VtdScalableSwapContract39Test extends VtdSwapContract39Test {

  @Override
  protected Map<String, String> options() {
    return Map.of("mode", "scalable");
  }
}
