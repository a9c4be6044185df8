package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;

/**
 * The rules for every bundle beside core: it knows core by the exported packages alone, and exports
 * nothing, so that it can be replaced while others run; one that others call names its doors. A
 * module is held to them by
 *
 * <pre>{@code
 * class BundleRulesTest extends BundleRulesContract {}
 * }</pre>
 *
 * <p>It reads the module's compiled classes and the manifest that Maven's build leaves beside them.
 */
public abstract class BundleRulesContract {

  /** Packages that this bundle may use beside core's, OSGi's and the JDK's, in ArchUnit's terms. */
  protected List<String> alsoAllowed() {
    return List.of();
  }

  /** Packages that this bundle exports, because others call it. */
  protected List<String> doors() {
    return List.of();
  }

  /** Packages that may make native calls. */
  protected List<String> nativePackages() {
    return List.of();
  }

  /** Whether this bundle is a device or driver, which reach guest memory through DMA alone. */
  protected boolean leavesMemoryToDma() {
    return false;
  }

  @Test
  void dependsOnlyOnCoresDoors() {
    JavaClasses classes = mainClasses();
    List<String> allowed = allowed();
    allowed.addAll(ownPackages(classes));
    BundleRules.dependsOnlyOn(allowed).check(classes);
  }

  @Test
  void hasNoPackageOfCores() {
    assertThat(ownPackages(mainClasses())).doesNotContainAnyElementsOf(BundleRules.DOORS);
  }

  @Test
  void importsOnlyCoresDoorsAndExportsOnlyItsOwn() throws IOException {
    Path file = BundleRules.mainClasses(getClass()).resolve("META-INF/MANIFEST.MF");
    assertThat(file).as("the manifest, which the Maven build makes").exists();
    try (InputStream in = Files.newInputStream(file)) {
      assertThat(BundleRules.offences(new Manifest(in), allowed(), doors())).isEmpty();
    }
  }

  @Test
  void printsNothing() {
    BundleRules.printsNothing().check(mainClasses());
  }

  @Test
  void callsNothingNative() {
    BundleRules.callsNothingNative(nativePackages()).check(mainClasses());
  }

  @Test
  void reachesMemoryAsItsRoleAllows() {
    if (leavesMemoryToDma()) {
      BundleRules.leavesMemoryToDma().check(mainClasses());
    }
  }

  @Test
  void testsNeverSleep() {
    BundleRules.neverSleeps().check(BundleRules.read(BundleRules.testClasses(getClass())));
  }

  private JavaClasses mainClasses() {
    return BundleRules.read(BundleRules.mainClasses(getClass()));
  }

  private List<String> allowed() {
    List<String> allowed = new ArrayList<>(BundleRules.DOORS);
    allowed.addAll(BundleRules.PLATFORM);
    allowed.addAll(alsoAllowed());
    return allowed;
  }

  private static Set<String> ownPackages(JavaClasses classes) {
    Set<String> own = new TreeSet<>();
    for (JavaClass type : classes) {
      own.add(type.getPackageName());
    }
    return own;
  }
}
