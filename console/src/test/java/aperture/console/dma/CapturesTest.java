package aperture.console.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ReplayQuestion;
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
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.IommuSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    CaptureWriter.write(copy, capture, "test", Map.of());

    Capture again = CaptureReader.read(copy);
    assertThat(again.questions()).isEqualTo(capture.questions());
    assertThat(again.snapshot()).usingRecursiveComparison().isEqualTo(capture.snapshot());
    assertThat(replay(copy).holds()).isTrue();
  }

  @Test
  void oneWrongAnswerAmongManyIsFound() throws Exception {
    Path copy = folder.resolve("wrong");
    CaptureWriter.write(
        copy, CaptureReader.read(CAPTURES.resolve("arm64-trace-61")), "test", Map.of());
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

  @ParameterizedTest
  @CsvSource({
    "vtd-legacy-612-nopt",
    "vtd-scalable",
    "amd-v1",
    "arm64-trace-61",
    "ppc64-trace-tce32-61",
    "sparc64-trace-61",
  })
  void thePagesThatWalksReadAreFoundWhateverTheTablesLookLike(String name) throws Exception {
    Capture capture = CaptureReader.read(CAPTURES.resolve(name));
    IommuSnapshot whole = capture.snapshot();
    Map<Long, byte[]> pages = new HashMap<>();
    whole.pages().forEach(page -> pages.put(page.gpa(), page.bytes()));

    IommuSnapshot found =
        aperture
            .dma()
            .complete(without(whole), capture.questions(), (gpa, page) -> read(pages, gpa, page));

    assertThat(found.pages()).extracting(IommuSnapshot.Page::gpa).isSubsetOf(pages.keySet());
    long answers = capture.questions().size();
    assertThat(aperture.dma().replay(found, capture.questions(), 1).agree()).isEqualTo(answers);
  }

  private static IommuSnapshot without(IommuSnapshot whole) {
    return new IommuSnapshot(
        whole.kind(),
        whole.machine(),
        whole.registers(),
        whole.endpoints(),
        whole.ram(),
        List.of(),
        whole.tables());
  }

  private static boolean read(Map<Long, byte[]> pages, long gpa, byte[] page) {
    byte[] bytes = pages.get(gpa);
    if (bytes != null) {
      System.arraycopy(bytes, 0, page, 0, page.length);
    }
    return bytes != null;
  }

  @Test
  void aPageThatTheGuestDoesNotHaveStaysMissingAndIsAskedForOnce() throws Exception {
    Capture capture = CaptureReader.read(CAPTURES.resolve("vtd-scalable"));
    List<Long> asked = new ArrayList<>();

    IommuSnapshot found =
        aperture
            .dma()
            .complete(
                without(capture.snapshot()),
                capture.questions(),
                (gpa, page) -> {
                  asked.add(gpa);
                  return false;
                });

    assertThat(found.pages()).isEmpty();
    assertThat(asked).containsExactly(0x27a7000L);
  }

  @ParameterizedTest
  @CsvSource({
    "vtd-scalable, 01:00.0, 0x0, second-level",
    "arm64-trace-61, 00:01.0, 0x0, stream table entry"
  })
  void aWalkOfACaptureIsExplained(String name, String endpoint, long iova, String structure)
      throws Exception {
    Capture capture = CaptureReader.read(CAPTURES.resolve(name));

    TranslationReport unmapped =
        aperture.dma().translate(capture.snapshot(), endpoint, iova, 4, Access.READ);
    assertThat(unmapped.fault()).isPresent();
    assertThat(unmapped.steps()).anyMatch(step -> step.structure().contains(structure));

    for (ReplayQuestion question : capture.questions()) {
      TranslationReport report =
          aperture
              .dma()
              .translate(
                  capture.snapshot(), question.endpoint(), question.iova(), 1, question.access());
      if (question.gpa().isPresent() && report.fault().isEmpty()) {
        assertThat(report.ranges().getFirst().gpa()).isEqualTo(question.gpa().getAsLong());
        return;
      }
    }
    throw new AssertionError("nothing translates");
  }

  @Test
  void anEndpointThatTheCaptureDoesNotListIsAWrongArgument() throws Exception {
    Capture capture = CaptureReader.read(CAPTURES.resolve("vtd-scalable"));

    assertThatThrownBy(
            () -> aperture.dma().translate(capture.snapshot(), "01:00.1", 0, 1, Access.READ))
        .hasMessageContaining("did you mean '01:00.0'?");
  }
}
