package aperture.guest;

import aperture.testkit.BundleRulesContract;

class BundleRulesTest extends BundleRulesContract {
  @Override
  protected boolean leavesMemoryToDma() {
    return true;
  }
}
