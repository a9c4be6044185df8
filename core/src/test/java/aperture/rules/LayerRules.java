package aperture.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import aperture.testkit.BundleRules;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers of core: an exported package uses those below it, never one above, and never the
 * engine, which alone may use all.
 */
final class LayerRules {
  private LayerRules() {}

  /** One rule per exported package, for the packages below a root. */
  static List<ArchRule> of(String root) {
    List<String> layers = BundleRules.DOORS.stream().map(door -> below(root, door)).toList();
    List<ArchRule> rules = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      List<String> forbidden = new ArrayList<>(layers.subList(i + 1, layers.size()));
      forbidden.add(root);
      forbidden.add(root + ".core..");
      rules.add(
          noClasses()
              .that()
              .resideInAPackage(layers.get(i))
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(forbidden.toArray(String[]::new))
              .allowEmptyShould(true));
    }
    return rules;
  }

  private static String below(String root, String door) {
    return root + door.substring("aperture".length()) + "..";
  }
}
