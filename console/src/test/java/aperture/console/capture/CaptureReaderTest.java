package aperture.console.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import aperture.admin.ControlException;
import aperture.admin.ReplayQuestion;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuSnapshot;
import aperture.memory.MemoryRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A capture folder gives state and answers, or one line that says what is wrong with it. */
class CaptureReaderTest {

  private static final String STATE =
      """
      {
       "format": "iommu-capture/1",
       "iommu": "spapr-tce",
       "machine": "pseries",
       "provenance": {"qemu_args": ["a", {"b": [1, 2]}]},
       "registers": {"CONTROL": "0xffffffffffffffff"},
       "endpoints": [
        {"id": "00:01.0", "requester_id": "0x0008", "device": "virtio-blk",
         "liobn": "0x80000000", "windows": ["0x80000000", "0x80000001"]}
       ],
       "ram": [{"gpa": "0x0", "size": "0x20000000"}],
       "pages": ["0x1000"],
       "tables": [
        {"liobn": "0x80000000", "bus_offset": "0x800000000000000", "page_shift": 12,
         "entries": 16, "tces": {"3": "0x8000000000004003"}}
       ]
      }
      """;

  private static final String ANSWERS =
      """
      {"endpoint": "00:01.0", "iova": "0xfffffffffffff000", "access": "R", "ok": true, "gpa": "0x42"}
      {"endpoint": "00:01.0", "iova": "0x0", "access": "W", "ok": false}
      """;

  @TempDir private Path folder;

  private Path capture(String state, byte[] pages, String answers) throws IOException {
    Files.writeString(folder.resolve("capture.json"), state);
    Files.write(folder.resolve("pages.bin"), pages);
    Files.writeString(folder.resolve("truth.jsonl"), answers);
    return folder;
  }

  @Test
  void stateAndAnswersAreRead() throws Exception {
    byte[] page = new byte[4096];
    page[7] = 9;

    Capture capture = CaptureReader.read(capture(STATE, page, ANSWERS));

    IommuSnapshot snapshot = capture.snapshot();
    assertThat(capture.name()).isEqualTo(folder.getFileName().toString());
    assertThat(snapshot.kind()).isEqualTo("spapr-tce");
    assertThat(snapshot.machine()).isEqualTo("pseries");
    assertThat(snapshot.registers()).containsExactly(Map.entry("CONTROL", -1L));
    assertThat(snapshot.endpoints())
        .containsExactly(
            new Endpoint(
                0,
                "00:01.0",
                8,
                Map.of(
                    "device", "virtio-blk",
                    "liobn", "0x80000000",
                    "windows", "0x80000000,0x80000001")));
    assertThat(snapshot.ram()).containsExactly(new MemoryRange(0, 0x20000000));
    assertThat(snapshot.pages()).hasSize(1);
    assertThat(snapshot.pages().getFirst().gpa()).isEqualTo(0x1000);
    assertThat(snapshot.pages().getFirst().bytes()).isEqualTo(page);
    assertThat(snapshot.tables())
        .containsExactly(
            new IommuSnapshot.Table(
                0x80000000L,
                Map.of("bus_offset", 0x800000000000000L, "page_shift", 12L),
                16,
                Map.of(3L, 0x8000000000004003L)));
    assertThat(capture.questions())
        .containsExactly(
            new ReplayQuestion("00:01.0", -4096, Access.READ, OptionalLong.of(0x42)),
            new ReplayQuestion("00:01.0", 0, Access.WRITE, OptionalLong.empty()));
  }

  @Test
  void whatIsWrittenReadsBackAsItWas() throws Exception {
    Capture capture = CaptureReader.read(capture(STATE, new byte[4096], ANSWERS));
    Path copy = folder.resolve("copy");

    CaptureWriter.write(copy, capture, "walker", Map.of());

    Capture again = CaptureReader.read(copy);
    assertThat(again.questions()).isEqualTo(capture.questions());
    assertThat(again.snapshot()).usingRecursiveComparison().isEqualTo(capture.snapshot());
  }

  @Test
  void aFolderThatHoldsSomethingIsNotWrittenTo() throws Exception {
    Capture capture = CaptureReader.read(capture(STATE, new byte[4096], ANSWERS));

    assertThatThrownBy(() -> CaptureWriter.write(folder, capture, "walker", Map.of()))
        .isInstanceOf(ControlException.class)
        .hasMessageContaining("is not empty");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"format\": \"iommu-capture/1\", | '' | field 'format' is missing",
        "iommu-capture/1 | iommu-capture/2 | line 2: format 'iommu-capture/2' is not",
        "\"iommu\": \"spapr-tce\" | \"iommu\": 7 | line 3: iommu must be a string, not a number",
        "0xffffffffffffffff | 0x1ffffffffffffffff | line 6: register CONTROL '0x1ffffffffffffffff'"
            + " is no",
        "0xffffffffffffffff | -1 | line 6: register CONTROL '-1' is no 64-bit number",
        "\"0x0008\" | \"0x80000000\" | line 8: requester_id 2147483648 is out of range",
        "\"id\": \"00:01.0\", | '' | line 9: an endpoint has no field 'id'",
        "\"size\": \"0x20000000\" | \"size\": \"0x0\" | line 11: the ram range at 0x0",
        "\"gpa\": \"0x0\" | \"gpa\": \"0xffffffffffffffff\" | line 11: the ram range",
        "[\"0x1000\"] | [\"0x1001\"] | line 12: page 0x1001 is not a multiple of 4096",
        "[\"0x1000\"] | [\"0x1000\", \"0x1000\"] | line 12: page 0x1000 appears twice",
        "[\"0x1000\"] | [[]] | line 12: a page must be a number, not an array",
        "\"entries\": 16 | \"entries\": 3 | line 15: table 0x80000000: index 3 is outside its 3",
        "\"3\": | \"x\": | line 15: index 'x' is no number",
        "\"page_shift\": 12, | '' | line 15: a table has no field 'page_shift'",
        "\"page_shift\": 12 | \"page_shift\": 64 | page_shift 0x40 is out of range",
        "\"page_shift\": 12 | \"page_shift\": 1e999999999 | is no 64-bit number",
        "\"machine\": | \"iommu\": | line 4: field 'iommu' appears twice",
        "\"registers\": { | \"registers\": [ | line 6: registers must be an object, not an array",
        "\"pages\" | pages | line 12: not JSON",
        "\"0x8000000000004003\" | null | line 15: entry 3 must be a number, not null",
      })
  void aMalformedStateIsNamedWithItsLine(String right, String wrong, String complaint)
      throws IOException {
    String state = STATE.replace(right, wrong == null ? "" : wrong);
    assertThat(state).isNotEqualTo(STATE);
    capture(state, new byte[4096], ANSWERS);

    assertOneLine(folder.resolve("capture.json"), complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"W\" | \"X\" | line 2: access 'X' is neither R nor W",
        "\"W\", \"ok\": false | \"W\" | line 2: field 'ok' is missing",
        "\"ok\": false | \"ok\": true | line 2: ok is true, but there is no gpa",
        ", \"gpa\": \"0x42\" | '' | line 1: ok is true, but there is no gpa",
        "\"ok\": true | \"ok\": false | line 1: ok is false, but there is a gpa",
        "\"0x0\" | \"zero\" | line 2: iova 'zero' is no 64-bit number",
        "false} | false}} | line 2: something follows the end",
        "false} | false | line 2: not JSON",
        "00:01.0\", \"iova\": \"0x0\" | 00:02.0\", \"iova\": \"0x0\" | line 2: unknown endpoint"
            + " '00:02.0'; did you",
      })
  void aMalformedAnswerIsNamedWithItsLine(String right, String wrong, String complaint)
      throws IOException {
    String answers = ANSWERS.replace(right, wrong);
    assertThat(answers).isNotEqualTo(ANSWERS);
    capture(STATE, new byte[4096], answers);

    assertOneLine(folder.resolve("truth.jsonl"), complaint);
  }

  private void assertOneLine(Path file, String complaint) {
    assertThatThrownBy(() -> CaptureReader.read(folder))
        .isInstanceOf(ControlException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(complaint)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void aLineWithoutEndIsRefusedBeforeItFillsTheMemory() throws IOException {
    capture(STATE, new byte[4096], ANSWERS + "{\"" + "a".repeat(1 << 20));

    assertOneLine(folder.resolve("truth.jsonl"), "line 3: longer than 4096 bytes");
  }

  @Test
  void pagesThatDoNotMatchTheListAreRefused() throws IOException {
    capture(STATE, new byte[4095], ANSWERS);

    assertOneLine(folder.resolve("pages.bin"), "4095 bytes, but capture.json lists 1 pages");
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    capture(STATE.replace("\"a\",", "[".repeat(100_000) + ","), new byte[4096], ANSWERS);

    assertOneLine(folder.resolve("capture.json"), "line 5: nested too deep");
  }

  @Test
  void aMissingFolderIsAWrongArgumentAndItsNeighbourIsNamed() throws IOException {
    Files.createDirectory(folder.resolve("vtd-legacy"));

    assertThatThrownBy(() -> CaptureReader.read(folder.resolve("vtd-legcy")))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageEndingWith("did you mean 'vtd-legacy'?");
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    capture(STATE, new byte[4096], ANSWERS);
    Files.delete(folder.resolve("truth.jsonl"));

    assertOneLine(folder.resolve("truth.jsonl"), "is missing");
  }

  @Test
  void noDamagedByteEscapesAsAnotherException() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] state = STATE.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] answers = ANSWERS.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    capture(STATE, new byte[4096], ANSWERS);
    for (int i = 0; i < 2000; i++) {
      boolean first = random.nextBoolean();
      byte[] damaged = (first ? state : answers).clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(folder.resolve(first ? "capture.json" : "truth.jsonl"), damaged);
      Files.write(folder.resolve(first ? "truth.jsonl" : "capture.json"), first ? answers : state);
      Throwable thrown = catchThrowable(() -> CaptureReader.read(folder));
      if (thrown != null) {
        assertThat(thrown)
            .as("seed %d, round %d", seed, i)
            .isInstanceOf(ControlException.class)
            .message()
            .doesNotContain("\n");
      }
    }
  }
}
