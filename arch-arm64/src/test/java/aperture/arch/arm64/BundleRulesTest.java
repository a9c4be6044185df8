package aperture.arch.arm64;

import aperture.testkit.BundleRulesContract;

class BundleRulesTest extends BundleRulesContract {}
