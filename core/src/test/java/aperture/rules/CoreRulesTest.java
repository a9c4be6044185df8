package aperture.rules;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.testkit.BundleRules;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Core depends on nothing but the platform, in layers, and knows no architecture by name. */
class CoreRulesTest {
  static final List<String> DOORS = BundleRules.DOORS;

  private static final JavaClasses MAIN =
      BundleRules.read(BundleRules.mainClasses(CoreRulesTest.class));

  @Test
  void dependsOnlyOnThePlatformAndItself() {
    List<String> allowed = new ArrayList<>(BundleRules.PLATFORM);
    allowed.add("aperture");
    allowed.add("aperture.core..");
    DOORS.forEach(door -> allowed.add(door + ".."));
    BundleRules.dependsOnlyOn(allowed).check(MAIN);
  }

  @TestFactory
  List<DynamicTest> usesOnlyLowerLayers() {
    List<ArchRule> rules = LayerRules.of("aperture");
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      ArchRule rule = rules.get(i);
      tests.add(DynamicTest.dynamicTest(DOORS.get(i), () -> rule.check(MAIN)));
    }
    return tests;
  }

  @ParameterizedTest
  @FieldSource("DOORS")
  void exportedPackageIsDescribed(String door) {
    assertThat(MAIN.stream().map(JavaClass::getPackageName)).contains(door);
    assertThat(MAIN.getPackage(door).getAnnotations())
        .extracting(annotation -> annotation.getRawType().getSimpleName())
        .contains("Version", "NullMarked");
  }

  @Test
  void namesNoArchitecture() throws IOException {
    Path module = BundleRules.mainClasses(CoreRulesTest.class).getParent().getParent();
    assertThat(NeutralWords.offences(module.resolve("src/main"))).isEmpty();
  }

  @Test
  void printsNothing() {
    BundleRules.printsNothing().check(MAIN);
  }

  @Test
  void callsNothingNative() {
    BundleRules.callsNothingNative(List.of()).check(MAIN);
  }

  @Test
  void testsNeverSleep() {
    JavaClasses tests =
        BundleRules.read(BundleRules.testClasses(CoreRulesTest.class))
            .that(resideOutsideOfPackage("aperture.rules.planted.."));
    BundleRules.neverSleeps().check(tests);
  }
}
