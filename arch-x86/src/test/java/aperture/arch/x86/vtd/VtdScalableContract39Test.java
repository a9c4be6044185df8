package aperture.arch.x86.vtd;

import java.util.Map;

class VtdScalableContract39Test extends VtdContract39Test {

  @Override
  protected Map<String, String> options() {
    return Map.of("mode", "scalable");
  }
}
