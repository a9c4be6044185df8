package aperture.arch.x86.vtd;

import java.util.Map;

class VtdScalableContract48Test extends VtdContract48Test {

  @Override
  protected Map<String, String> options() {
    return Map.of("mode", "scalable");
  }
}
