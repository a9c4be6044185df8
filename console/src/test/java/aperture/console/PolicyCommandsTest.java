package aperture.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.PathMode;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.MatrixRequest;
import aperture.console.command.CommandFailure;
import aperture.console.control.EngineControls;
import aperture.console.reference.Suppliers;
import aperture.core.Aperture;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The matrix on a command line: what is asked of core, and how the answer is shown. */
class PolicyCommandsTest {

  @TempDir private Path folder;
  private ShellRig shell;

  @BeforeEach
  void start() {
    shell = new ShellRig(folder);
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void theTableSaysWhatHappenedWithoutTheEvidence() throws Exception {
    assertThat(shell.run("policy:matrix"))
        .isEqualTo(
            """
            MODE  DRIVER  OFFERED  STRICT  UNACKED   OUTCOME  MACHINES   REASON
            T     K2      yes      yes     PHYSICAL  WT       toy-1 toy  through the translation of the bus
            B     K2      no       no      PHYSICAL  WP       toy-1 toy  physical addresses, and nobody was asked
            """);
  }

  @Test
  void theEvidenceIsShownWhenAskedFor() throws Exception {
    assertThat(shell.run("policy:matrix --evidence"))
        .contains("EVIDENCE", "driver bound; 24 of 24 requests");
  }

  @Test
  void jsonIsOneArrayWithTheEvidence() throws Exception {
    JsonObject row = shell.json("policy:matrix --json").asJsonArray().getJsonObject(0);

    assertThat(row.toString())
        .isEqualTo(
            "{\"mode\":\"T\",\"driver\":\"K2\",\"offered\":true,\"strict\":true,"
                + "\"unacked\":\"PHYSICAL\",\"outcome\":\"WT\",\"machines\":\"toy-1 toy\","
                + "\"evidence\":\"driver bound; 24 of 24 requests\","
                + "\"reason\":\"through the translation of the bus\"}");
  }

  @Test
  void onlyTheOutcomesAskedForAreShown() throws Exception {
    assertThat(shell.json("policy:matrix --outcome WP,SC --json").asJsonArray()).hasSize(1);
    assertThat(shell.json("policy:matrix --outcome SC --json").asJsonArray()).isEmpty();
    assertThat(shell.run("policy:matrix --outcome SC")).startsWith("no case came out so");
  }

  @Test
  void aCaseWithoutAVerdictIsShownAmongTheOthersAndFailsTheCommandInTheEnd() {
    shell.controls.outcomeOfTheFirst = Optional.empty();

    for (String outcome : List.of("", " --outcome WP")) {
      assertThatThrownBy(() -> shell.run("policy:matrix" + outcome))
          .isInstanceOfSatisfying(CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(1))
          .hasMessageContaining("no verdict: 1;");
      assertThat(shell.printed())
          .contains("T     K2      yes      yes     PHYSICAL  none     toy-1 toy")
          .contains("B     K2      no       no      PHYSICAL  WP       toy-1 toy");
    }
    assertThatThrownBy(() -> shell.run("policy:matrix --json")).isInstanceOf(CommandFailure.class);
    assertThat(shell.printed()).contains("\"outcome\":\"none\"");
  }

  @Test
  void withoutOptionsEverythingIsAskedForWithTheDefaults() throws Exception {
    shell.run("policy:matrix");

    assertThat(shell.controls.asked).isEqualTo(MatrixRequest.ALL);
  }

  @Test
  void filtersNarrowWhatIsTried() throws Exception {
    shell.run(
        "policy:matrix --mode B,T --driver K2 --offered on --strict off --unacked translated"
            + " --per-machine");

    MatrixRequest asked = shell.controls.asked;
    assertThat(asked.modes()).isEqualTo(Set.of(PathMode.BYPASS, PathMode.TRANSLATING));
    assertThat(asked.drivers()).containsExactly("K2");
    assertThat(asked.columns())
        .isEqualTo(
            new MatrixRequest.Columns(
                Optional.of(true), Optional.of(false), Optional.of(UnackedAddressing.TRANSLATED)));
    assertThat(asked.perMachine()).isTrue();
    assertThat(asked.machine()).isEmpty();
  }

  @Test
  void oneMachineTypeIsToldApartByItsIommus() throws Exception {
    shell.run("policy:matrix --machine toy-1");

    assertThat(shell.controls.asked.machine()).contains("toy-1");
    assertThat(shell.controls.asked.perMachine()).isTrue();
  }

  @Test
  void parametersReachTheDeviceThePlatformAndTheDrivers() throws Exception {
    shell.run(
        "policy:matrix --legacy off --whitelist yes --k6-ack no --k6-iova pa --no-iommu-vfio on"
            + " --xen-map on --collision on --device software --platform-map identity");

    MatrixRequest asked = shell.controls.asked;
    assertThat(asked.legacy()).isFalse();
    assertThat(asked.identityMap()).isTrue();
    assertThat(asked.collision()).isTrue();
    assertThat(asked.device()).contains(Wiring.SOFTWARE);
    assertThat(asked.driverOptions())
        .isEqualTo(
            Map.of(
                "whitelist",
                "yes",
                "ack",
                "no",
                "iova",
                "pa",
                "no-iommu",
                "on",
                "map",
                "identity"));
  }

  @Test
  void parametersSpelledOutAsTheirDefaultsAreTheDefaults() throws Exception {
    shell.run(
        "policy:matrix --legacy on --whitelist no --k6-ack yes --k6-iova va --no-iommu-vfio off"
            + " --xen-map off --collision off --device real --platform-map translating");

    MatrixRequest asked = shell.controls.asked;
    assertThat(asked.legacy()).isTrue();
    assertThat(asked.identityMap()).isFalse();
    assertThat(asked.collision()).isFalse();
    assertThat(asked.device()).contains(Wiring.HARDWARE);
    assertThat(asked.driverOptions()).containsEntry("map", "none").containsEntry("ack", "yes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--mode X | unknown value of --mode 'X'",
        "--mode N, | unknown value of --mode ''",
        "--driver K22 | unknown driver kind 'K22'; did you mean 'K2'?",
        "--outcome SX | unknown value of --outcome 'SX'; did you mean 'SC'?",
        "--machine toy-11 | unknown machine type 'toy-11'; did you mean 'toy-1'?",
        "--offered yes | unknown value of --offered 'yes'; known: off, on",
        "--k6-iova vb | unknown value of --k6-iova 'vb'",
        "K2 | policy:matrix: 'K2' is too much",
      })
  void aWrongWordIsOneLineAndCodeTwo(String options, String complaint) {
    assertThatThrownBy(() -> shell.run("policy:matrix " + options))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            e -> {
              assertThat(e.exitCode()).isEqualTo(2);
              assertThat(e.toString()).contains(complaint).doesNotContain("\n");
            });
  }

  @Test
  void whereNothingCanBeTriedTheCodeIsThreeAndTheBundleIsNamed() {
    shell.close();
    try (Aperture empty = Aperture.standalone()) {
      shell = new ShellRig(folder, Optional.of(new EngineControls(empty)));
      assertThatThrownBy(() -> shell.run("policy:matrix --driver K2"))
          .isInstanceOfSatisfying(CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(3))
          .hasMessageContaining("nobody supplies machine types");
    }
  }

  @Test
  void settingsThatCannotBeTogetherAreRefusedByTheirCode() throws Exception {
    shell.close();
    try (Aperture engine = Suppliers.onClassPath().engine()) {
      shell = new ShellRig(folder, Optional.of(new EngineControls(engine)));
      shell.run("machine:create m pc-q35-7.2 --iommu intel-vtd");

      assertThatThrownBy(
              () -> shell.run("device:add m blk --access-platform off --store memory --size 256K"))
          .isInstanceOfSatisfying(CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(2))
          .hasMessageStartingWith("C5: device ");
    }
  }
}
