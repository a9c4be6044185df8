package aperture.console.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ControlException;
import aperture.console.format.RecordText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a real framework: either the newcomer has the place, or nothing has happened. */
class ArchSwapTest {

  @TempDir private Path folder;
  private ToyBundles toys;

  @BeforeEach
  void start() throws Exception {
    toys = new ToyBundles(folder);
    toys.install("1.0.0");
  }

  @AfterEach
  void stop() throws Exception {
    toys.close();
  }

  private ArchSwapReport swap(String arch, Path jar) throws Exception {
    return new ArchSwap(toys.context(), toys).swap(arch, jar);
  }

  private void assertNothingHappened(String arch, Path jar, int exitCode, String... reasons) {
    assertThatThrownBy(() -> swap(arch, jar))
        .isInstanceOfSatisfying(
            ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode))
        .message()
        .contains(reasons)
        .doesNotContain("\n");
    assertThat(toys.present()).containsExactly("1.0.0 active");
  }

  @Test
  void theNewcomerTakesThePlaceOfTheOld() throws Exception {
    ArchSwapReport report = swap("toy", toys.bundle("1.0.1"));

    assertThat(toys.present()).containsExactly("1.0.1 active");
    assertThat(report.from()).isEqualTo("1.0.0");
    assertThat(report.to()).isEqualTo("1.0.1");
    assertThat(report.machines()).isEqualTo(1);
    assertThat(report.pauseMicros()).isEqualTo(1500);
    assertThat(report.workMicros()).isEqualTo(900);
    assertThat(RecordText.page(SwapSheet.of(report)))
        .contains("1.50 ms", "900 us")
        .containsSubsequence("revoke", "10 us", "gate closed", "grant", "30 us", "gate open");
  }

  @Test
  void theSymbolicNameWorksToo_andTheSameFileAgain() throws Exception {
    Path jar = toys.bundle("1.0.1");
    swap(ToyBundles.NAME, jar);
    Files.copy(toys.bundle("1.0.2"), jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThat(swap("toy", jar).to()).isEqualTo("1.0.2");
    assertThat(toys.present()).containsExactly("1.0.2 active");
  }

  @Test
  void aVersionThatIsNotHigherIsRefusedBeforeAnythingIsInstalled() throws Exception {
    assertNothingHappened("toy", toys.bundle("0.9.0"), 2, "0.9.0", "not higher than", "1.0.0");
    assertNothingHappened("toy", toys.bundle("1.0.0.later"), 2, "not higher");
  }

  @Test
  void anotherBundleIsRefused() throws Exception {
    Map<String, String> headers = new HashMap<>(ToyBundles.headers("2.0.0"));
    headers.put("Bundle-SymbolicName", "aperture.arch.other;singleton:=true");

    assertNothingHappened(
        "toy", toys.jar("other.jar", headers), 2, "is aperture.arch.other 2.0.0, not");
  }

  @Test
  void whatIsNoBundleIsRefused() throws Exception {
    assertNothingHappened("toy", toys.jar("plain.jar", Map.of()), 2, "no Bundle-SymbolicName");
    Path text = Files.writeString(folder.resolve("text.jar"), "text");
    assertNothingHappened("toy", text, 2, "is no jar that can be read");
    Map<String, String> headers = new HashMap<>(ToyBundles.headers("two"));
    assertNothingHappened("toy", toys.jar("two.jar", headers), 2, "no proper Bundle-Version");
  }

  @Test
  void aNewcomerThatDoesNotResolveIsRemoved() throws Exception {
    Map<String, String> headers = new HashMap<>(ToyBundles.headers("2.0.0"));
    headers.put("Import-Package", "nobody.exports.it");

    assertNothingHappened(
        "toy", toys.jar("unresolved.jar", headers), 1, "does not start", "nobody.exports.it");
  }

  @Test
  void aNewcomerWhoseActivatorFailsIsRemoved() throws Exception {
    Map<String, String> headers = new HashMap<>(ToyBundles.headers("2.0.0"));
    headers.put("Bundle-Activator", "not.There");

    assertNothingHappened("toy", toys.jar("failing.jar", headers), 1, "does not start");
  }

  @Test
  void aNewcomerThatTheMachineRefusesIsRemoved_andTheReasonGiven() throws Exception {
    toys.refusing = true;

    assertNothingHappened(
        "toy", toys.bundle("1.0.1"), 1, "machine m0 refused 1.0.1", "state version 9 is unknown");
  }

  @Test
  void anUnknownArchitectureIsNamedWithTheNearest() throws Exception {
    assertNothingHappened("tyo", toys.bundle("1.0.1"), 2, "did you mean 'toy'?");
  }

  @Test
  void bundlesAreListedWithWhatTheySupply() {
    assertThat(new ArchBundles(toys.context()).list(toys.suppliers()))
        .singleElement()
        .satisfies(bundle -> {
          assertThat(bundle.bundle()).isEqualTo(ToyBundles.NAME);
          assertThat(bundle.state()).isEqualTo("active");
          assertThat(bundle.kinds()).containsExactly("toy");
          assertThat(bundle.chosen()).containsExactly("toy");
        });
  }

  @Test
  void aStoppedBundleIsListedWithWhatItWouldSupply() throws Exception {
    toys.context().getBundles()[1].stop();

    assertThat(new ArchBundles(toys.context()).list(toys.suppliers()))
        .singleElement()
        .satisfies(bundle -> {
          assertThat(bundle.state()).isEqualTo("resolved");
          assertThat(bundle.kinds()).containsExactly("toy");
          assertThat(bundle.families()).containsExactly("toys");
          assertThat(bundle.chosen()).isEmpty();
        });
    assertThatThrownBy(() -> swap("toy", toys.bundle("1.0.1")))
        .hasMessage(
            "aperture.arch.toy is resolved, so there is nothing to swap; start it, or update it");
  }

  @Test
  void twoSuppliersAreBothListedAndTheChosenMarked() throws Exception {
    toys.context().installBundle(toys.bundle("1.1.0").toUri().toString()).start();

    assertThat(new ArchBundles(toys.context()).list(toys.suppliers()))
        .extracting(bundle -> bundle.version() + " " + bundle.kinds() + " " + bundle.chosen())
        .containsExactly("1.0.0 [toy] []", "1.1.0 [toy] [toy]");
    assertThatThrownBy(() -> swap("toy", toys.bundle("1.2.0")))
        .hasMessageContaining("means several active bundles");
  }
}
