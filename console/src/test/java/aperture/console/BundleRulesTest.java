package aperture.console;

import aperture.testkit.BundleRulesContract;
import java.util.List;

class BundleRulesTest extends BundleRulesContract {

  @Override
  protected List<String> alsoAllowed() {
    return List.of(
        "aperture.vhostuser",
        "org.apache.felix.service.command",
        "javax.xml.stream",
        "jakarta.json",
        "jakarta.json.spi",
        "jakarta.json.stream",
        "org.jline.builtins",
        "org.jline.reader",
        "org.jline.reader.impl");
  }
}
