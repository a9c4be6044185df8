package aperture.rules;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.testkit.BundleRules;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules themselves: each finds its planted offender. */
class RulesTest {
  private static final String ROOT = "aperture.rules.planted";
  private static final JavaClasses PLANTED = new ClassFileImporter().importPackages(ROOT);

  @Test
  void layerRulesFindTheUseOfAnUpperLayerAndOfTheEngine() {
    List<String> found = LayerRules.of(ROOT).stream().flatMap(r -> details(r).stream()).toList();
    assertThat(found)
        .hasSize(2)
        .anyMatch(detail -> detail.contains("planted.memory.UsesUpperLayer"))
        .anyMatch(detail -> detail.contains("planted.iommu.UsesEngine"));
  }

  @Test
  void dependencyRuleFindsATestLibrary() {
    List<String> allowed = new ArrayList<>(BundleRules.PLATFORM);
    allowed.add(ROOT + "..");
    assertThat(details(BundleRules.dependsOnlyOn(allowed)))
        .isNotEmpty()
        .allMatch(detail -> detail.contains("planted.dma.UsesTestLibrary"));
  }

  @Test
  void printingIsFound() {
    assertThat(details(BundleRules.printsNothing()))
        .hasSize(1)
        .allMatch(detail -> detail.contains("planted.dma.Prints"));
  }

  @Test
  void sleepingIsFound() {
    assertThat(details(BundleRules.neverSleeps()))
        .hasSize(1)
        .allMatch(detail -> detail.contains("planted.dma.Sleeps"));
  }

  @Test
  void nativeCallsAreFound() {
    assertThat(details(BundleRules.callsNothingNative(List.of())))
        .isNotEmpty()
        .allMatch(detail -> detail.contains("planted.dma.CallsNative"));
    assertThat(details(BundleRules.callsNothingNative(List.of(ROOT + ".dma")))).isEmpty();
  }

  @Test
  void reachingPastDmaIsFound() {
    assertThat(details(BundleRules.leavesToDma(ROOT + ".memory")))
        .isNotEmpty()
        .allMatch(detail -> detail.contains("planted.dma.ReachesMemory"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Export-Package: other.api;version=\"1.0\"",
        "Import-Package: java.lang,aperture.core.internal;version=\"[1.0,2)\"",
        "Import-Package: aperture.dma;version=\"[1,2)\",aperture.devices",
        "Require-Bundle: aperture.core",
        "DynamicImport-Package: *",
      })
  void manifestOffencesAreFound(String header) throws IOException {
    assertThat(offences(header)).hasSize(1);
  }

  @Test
  void aDoorMayBeExportedAndNothingBesideIt() throws IOException {
    String header = "Export-Package: own.api;version=\"1.0\",own.internal";
    assertThat(BundleRules.offences(manifest(header), List.of(), List.of("own.api")))
        .containsExactly("Export-Package: own.internal");
  }

  @Test
  void innocentManifestPasses() throws IOException {
    assertThat(
            offences(
                "Import-Package: aperture.dma;version=\"[1.0,2)\";resolution:=optional,java.io"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tables of x86 machines",
        "VT-d only",
        "AMD-Vi",
        "the Intel manual",
        "class SmmuWalker",
        "int TCE_SHIFT = 3;",
        "newPhbTable()",
        "XENStore",
        "x86_64",
      })
  void namesOfArchitecturesAreFound(String line) {
    assertThat(NeutralWords.find(line)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"arm the event", "intelligent", "AxenicQueue", "matched", "mightCeaseNow", "tsbx"})
  void otherWordsPass(String line) {
    assertThat(NeutralWords.find(line)).isEmpty();
  }

  @Test
  void textCheckNamesFileLineAndWord(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("Page.java"), "class Page {}\n// as on sparc64\n");
    Files.createFile(folder.resolve("spapr.properties"));
    assertThat(NeutralWords.offences(folder))
        .containsExactly("Page.java:2: sparc64", "spapr.properties: spapr");
  }

  private static List<String> details(ArchRule rule) {
    return rule.evaluate(PLANTED).getFailureReport().getDetails();
  }

  private static List<String> offences(String header) throws IOException {
    List<String> allowed = new ArrayList<>(BundleRules.DOORS);
    allowed.addAll(BundleRules.PLATFORM);
    return BundleRules.offences(manifest(header), allowed);
  }

  private static Manifest manifest(String header) throws IOException {
    String text = "Manifest-Version: 1.0\n" + header + "\n";
    return new Manifest(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }
}
