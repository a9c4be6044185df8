package aperture.console.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.arm64.smmu.SmmuV3Behavior;
import aperture.arch.ppc.tce.SpaprTceBehavior;
import aperture.arch.sparc.sun4u.Sun4uBehavior;
import aperture.arch.x86.amdvi.AmdViBehavior;
import aperture.arch.x86.vtd.VtdBehavior;
import aperture.console.capture.Capture;
import aperture.console.capture.CaptureReader;
import aperture.console.capture.CaptureWriter;
import aperture.console.command.Outcome;
import aperture.core.Aperture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** States of real guests, one of each kind, and what a reference answered for them. */
class CapturesTest {

  private static final Path CAPTURES = Path.of("src", "test", "resources", "captures");

  @TempDir private Path folder;
  private Aperture aperture;

  @BeforeEach
  void start() {
    aperture =
        Aperture.standalone()
            .behavior(new VtdBehavior())
            .behavior(new AmdViBehavior())
            .behavior(new SmmuV3Behavior())
            .behavior(new SpaprTceBehavior())
            .behavior(new Sun4uBehavior());
  }

  @AfterEach
  void stop() {
    aperture.close();
  }

  private ReplayResult replay(Path capture) throws Exception {
    Outcome outcome = new Replay(aperture.dma(), 10).run(List.of(capture), true);
    assertThat(outcome.result()).isInstanceOf(List.class);
    return (ReplayResult) ((List<?>) outcome.result()).getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "vtd-legacy-612-nopt, 398",
    "vtd-scalable, 1432",
    "amd-v1, 1474",
    "arm64-trace-61, 164",
    "ppc64-trace-tce32-61, 448",
    "sparc64-trace-61, 15",
  })
  void everyRecordedAnswerIsGiven(String name, long answers) throws Exception {
    ReplayResult result = replay(CAPTURES.resolve(name));

    assertThat(result.disagreements()).isEmpty();
    assertThat(result.answers()).isEqualTo(answers);
    assertThat(result.agree()).isEqualTo(answers);
  }

  @ParameterizedTest
  @CsvSource({
    "vtd-legacy-612-nopt",
    "vtd-scalable",
    "amd-v1",
    "arm64-trace-61",
    "ppc64-trace-tce32-61",
    "sparc64-trace-61",
  })
  void aCaptureWrittenAgainSaysTheSame(String name) throws Exception {
    Capture capture = CaptureReader.read(CAPTURES.resolve(name));
    Path copy = folder.resolve(name);

    CaptureWriter.write(copy, capture, "test");

    Capture again = CaptureReader.read(copy);
    assertThat(again.questions()).isEqualTo(capture.questions());
    assertThat(again.snapshot()).usingRecursiveComparison().isEqualTo(capture.snapshot());
    assertThat(replay(copy).holds()).isTrue();
  }

  @Test
  void oneWrongAnswerAmongManyIsFound() throws Exception {
    Path copy = folder.resolve("wrong");
    CaptureWriter.write(copy, CaptureReader.read(CAPTURES.resolve("arm64-trace-61")), "test");
    Path answers = copy.resolve("truth.jsonl");
    Files.writeString(answers, Files.readString(answers).replaceFirst("0x42d03000", "0x42d04000"));

    ReplayResult result = replay(copy);

    assertThat(result.agree()).isEqualTo(163);
    assertThat(result.disagreements())
        .singleElement()
        .satisfies(disagreement -> {
          assertThat(disagreement.expected()).isEqualTo("0x42d04000");
          assertThat(disagreement.actual()).isEqualTo("0x42d03000");
          assertThat(disagreement.lastStep()).contains("descriptor");
        });
  }
}
