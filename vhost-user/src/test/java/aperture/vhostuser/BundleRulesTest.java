package aperture.vhostuser;

import aperture.testkit.BundleRulesContract;
import java.util.List;

class BundleRulesTest extends BundleRulesContract {
  @Override
  protected List<String> doors() {
    return List.of("aperture.vhostuser");
  }

  @Override
  protected List<String> nativePackages() {
    return List.of("aperture.vhostuser.internal.sys");
  }
}
