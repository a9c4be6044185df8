package aperture.arch.x86;

import aperture.testkit.BundleRulesContract;

class BundleRulesTest extends BundleRulesContract {}
