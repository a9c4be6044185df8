package aperture.arch.ppc;

import aperture.testkit.BundleRulesContract;

class BundleRulesTest extends BundleRulesContract {}
