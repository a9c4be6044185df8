package aperture.console.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.admin.MachineSpec;
import aperture.console.capture.Capture;
import aperture.console.capture.CaptureReader;
import aperture.console.command.Outcome;
import aperture.console.control.FakeControls;
import aperture.console.json.RecordJson;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Captures are taken, replayed in order, and none is left out. */
class ReplayTest {

  @TempDir private Path folder;
  private final FakeControls controls = new FakeControls();
  private Path good;

  @BeforeEach
  void takeACapture() throws Exception {
    controls.machines().create(new MachineSpec("m0", "toy-1", 4096, Optional.empty()));
    controls
        .devices()
        .add(
            new DeviceSpec(
                "m0",
                "blk",
                Optional.of("d0"),
                Setting.ON,
                Setting.UNSET,
                false,
                Map.of("file", "f")));
    controls.drivers().bind("d0", "K2");
    good = folder.resolve("good");
    CaptureResult result = new CaptureTaker(controls).take("m0", good);
    assertThat(result.answers()).isEqualTo(10);
  }

  private Path capture(String name, String right, String wrong) throws Exception {
    Path copy = Files.createDirectory(folder.resolve(name));
    for (String file : List.of("capture.json", "pages.bin", "truth.jsonl")) {
      Files.copy(good.resolve(file), copy.resolve(file));
    }
    Path state = copy.resolve("capture.json");
    Files.writeString(state, Files.readString(state).replace(right, wrong));
    return copy;
  }

  private static JsonArray json(Outcome outcome) {
    try (var reader = Json.createReader(new StringReader(RecordJson.text(outcome.result())))) {
      return reader.readArray();
    }
  }

  @Test
  void aTakenCaptureHoldsItsMappingsAndTheirNeighbours() throws Exception {
    Capture capture = CaptureReader.read(good);

    assertThat(capture.questions())
        .filteredOn(q -> q.gpa().isPresent())
        .extracting(q -> q.iova())
        .containsExactly(0x1000L, 0x2000L, 0x2fffL);
    assertThat(capture.questions()).extracting(q -> q.iova()).contains(0L, 0x3000L);
  }

  @Test
  void aTakenCaptureIsNotWrittenOverAnother() {
    assertThatThrownBy(() -> new CaptureTaker(controls).take("m0", good))
        .hasMessageContaining("not empty");
  }

  @Test
  void mappingsThatMoveWhileTakenAreReported() {
    controls.disagreeing = 1;

    assertThatThrownBy(() -> new CaptureTaker(controls).take("m0", folder.resolve("moving")))
        .hasMessageContaining("changed while they were captured");
    assertThat(folder.resolve("moving")).doesNotExist();
  }

  @Test
  void allAgree() throws Exception {
    Outcome outcome = new Replay(controls.dma(), 10).run(List.of(good), true);

    assertThat(outcome.failure()).isEmpty();
    assertThat(json(outcome).toString())
        .isEqualTo(
            "[{\"capture\":\"good\",\"iommu\":\"toy\",\"answers\":10,\"agree\":10,"
                + "\"disagreements\":[]}]");
  }

  @Test
  void disagreementsAreShownWithTheWalksLastStep() throws Exception {
    controls.disagreeing = 3;

    Outcome outcome = new Replay(controls.dma(), 2).run(List.of(good), true);

    assertThat(outcome.failure()).isEqualTo("1 of 1 captures did not agree: good");
    JsonObject object = json(outcome).getJsonObject(0);
    assertThat(object.getInt("agree")).isEqualTo(7);
    assertThat(object.getJsonArray("disagreements")).hasSize(2);
    assertThat(object.getJsonArray("disagreements").getJsonObject(0).getString("lastStep"))
        .isEqualTo("entry at 0x9000");
  }

  @Test
  void whatCannotBeReplayedStaysInItsPlaceWithTheReason() throws Exception {
    Path unsupported = capture("unsupported", "\"toy\"", "\"spapr-tce\"");
    Path malformed = capture("malformed", "iommu-capture/1", "iommu-capture/9");

    Outcome outcome =
        new Replay(controls.dma(), 10).run(List.of(unsupported, good, malformed), true);

    JsonArray array = json(outcome);
    assertThat(array.getJsonObject(0).getString("error"))
        .isEqualTo("nobody supplies IOMMU kind spapr-tce");
    assertThat(array.getJsonObject(0).getInt("answers")).isEqualTo(10);
    assertThat(array.getJsonObject(0).getInt("agree")).isZero();
    assertThat(array.getJsonObject(1).getString("capture")).isEqualTo("good");
    assertThat(array.getJsonObject(2).getString("error")).contains("capture.json, line");
    assertThat(outcome.failure())
        .isEqualTo("2 of 3 captures did not agree: unsupported, malformed");
    assertThat(outcome.kind()).isEqualTo(ControlException.Kind.FAILED);
  }

  @Test
  void whereNothingButABundleIsMissingThatIsWhatFails() throws Exception {
    Path unsupported = capture("unsupported", "\"toy\"", "\"spapr-tce\"");

    Outcome outcome = new Replay(controls.dma(), 10).run(List.of(unsupported, good), true);

    assertThat(outcome.failure()).isEqualTo("1 of 2 captures did not agree: unsupported");
    assertThat(outcome.kind()).isEqualTo(ControlException.Kind.CAPABILITY_MISSING);
  }

  @Test
  void anAnswerThatDiffersCountsForMoreThanABundleThatIsMissing() throws Exception {
    Path unsupported = capture("unsupported", "\"toy\"", "\"spapr-tce\"");
    controls.disagreeing = 1;

    Outcome outcome = new Replay(controls.dma(), 10).run(List.of(unsupported, good), true);

    assertThat(outcome.kind()).isEqualTo(ControlException.Kind.FAILED);
  }

  @Test
  void aFolderThatIsNotThereIsAWrongArgument() {
    assertThatThrownBy(
            () -> new Replay(controls.dma(), 10).run(List.of(good, folder.resolve("god")), true))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining("did you mean 'good'?");
  }
}
