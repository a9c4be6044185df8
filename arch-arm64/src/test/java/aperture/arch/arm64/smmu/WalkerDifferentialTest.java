package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The walker against an independent reading of the architecture, on random state. */
class WalkerDifferentialTest {

  private static final long FIXED_SEED = 0x5eed;
  private static final int WORLDS = 200;
  private static final int QUESTIONS = 200;

  @Test
  void onKnownStateBothReadingsAgreeAndEveryAnswerOccurs() {
    Map<String, Integer> seen = compare(FIXED_SEED);

    System.getLogger("test").log(System.Logger.Level.INFO, "answers: {0}", seen);
    assertThat(seen)
        .containsKeys(
            "fault -1",
            "fault 2",
            "fault 3",
            "fault 4",
            "fault 6",
            "fault 8",
            "fault 9",
            "fault 10",
            "fault 11",
            "fault 16",
            "fault 17",
            "fault 18",
            "fault 19",
            "page 12",
            "page 14",
            "page 16",
            "page 21",
            "page 25",
            "page 29",
            "page 30",
            "page 42");
  }

  @Test
  void onStateNobodyEverSawBothReadingsAgree() {
    compare(new Random().nextLong());
  }

  private static Map<String, Integer> compare(long seed) {
    Random random = new Random(seed);
    Map<String, Integer> seen = new TreeMap<>();
    try (SmmuFixture state = new SmmuFixture()) {
      RandomTables tables = new RandomTables(random, state);
      for (int world = 0; world < WORLDS; world++) {
        tables.fill();
        SmmuV3Walker walker = new SmmuV3Walker(new RegisterView(state.registers()), state.memory());
        for (int question = 0; question < QUESTIONS; question++) {
          ask(
              state,
              walker,
              tables,
              random.nextBoolean(),
              seen,
              "seed %d world %d".formatted(seed, world));
        }
      }
    }
    return seen;
  }

  private static void ask(
      SmmuFixture state,
      SmmuV3Walker walker,
      RandomTables tables,
      boolean write,
      Map<String, Integer> seen,
      String where) {
    int streamId = tables.streamId();
    long iova = tables.address();
    WalkResult result = new WalkResult();
    result.begin();
    walker.walk(
        new Endpoint(0, "any", streamId, Map.of()),
        iova,
        write ? Access.WRITE : Access.READ,
        result);
    LiteralReader.Answer expected =
        LiteralReader.ask(state::get, state.memory(), streamId, iova, write);

    LiteralReader.Answer actual = answer(result, iova);
    if (!actual.equals(expected)) {
      fail(
          "%s: stream %d, %s 0x%x: %s, expected %s but was %s",
          where, streamId, write ? "write" : "read", iova, result.faultText(), expected, actual);
    }
    if (expected.ok()) {
      boolean aligned = (result.iovaBase() & result.size() - 1) == 0;
      if (!aligned || Long.compareUnsigned(iova - result.iovaBase(), result.size()) >= 0) {
        fail("%s: extent 0x%x of 0x%x", where, result.iovaBase(), result.size());
      }
    }
    String name =
        expected.ok()
            ? "page " + Long.numberOfTrailingZeros(expected.size())
            : "fault " + expected.reason();
    seen.merge(name, 1, Integer::sum);
  }

  private static LiteralReader.Answer answer(WalkResult result, long iova) {
    return result.outcome() == WalkResult.Outcome.TRANSLATED
        ? new LiteralReader.Answer(
            true,
            result.gpaOf(iova),
            result.size(),
            result.permission().read(),
            result.permission().write(),
            result.domain(),
            0,
            false)
        : LiteralReader.Answer.fault(result.faultReason(), result.recorded());
  }
}
