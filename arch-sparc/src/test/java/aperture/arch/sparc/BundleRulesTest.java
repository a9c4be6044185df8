package aperture.arch.sparc;

import aperture.testkit.BundleRulesContract;

class BundleRulesTest extends BundleRulesContract {}
