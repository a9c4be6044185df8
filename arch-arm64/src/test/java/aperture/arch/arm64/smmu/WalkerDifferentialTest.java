package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.WalkResult;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The walker against an independent reading of the architecture, on random state. */
class WalkerDifferentialTest {

  private static final long FIXED_SEED = 0x5eed;
  private static final int WORLDS = 300;
  private static final int QUESTIONS = 140;
  private static final long EVENTS = SmmuFixture.RAM + (40L << 20);

  @Test
  void onKnownStateBothReadingsAgreeAndEveryAnswerOccurs() {
    Map<String, Integer> seen = compare(FIXED_SEED);

    System.getLogger("test").log(System.Logger.Level.INFO, "answers: {0}", seen);
    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(WORLDS * QUESTIONS);
    assertThat(seen)
        .containsKeys(
            "fault 2",
            "fault 3",
            "fault 4",
            "fault 11",
            "fault ffffffff",
            "stage 1 fault 2",
            "stage 1 fault 3",
            "stage 1 fault 4",
            "stage 1 fault 6",
            "stage 1 fault 8",
            "stage 1 fault 9",
            "stage 1 fault a",
            "stage 1 fault b",
            "stage 1 fault 10",
            "stage 1 fault 11",
            "stage 1 fault 12",
            "stage 1 fault 13",
            "stage 1 page 12",
            "stage 1 page 14",
            "stage 1 page 16",
            "stage 1 page 21",
            "stage 1 page 25",
            "stage 1 page 29",
            "stage 1 page 30",
            "stage 1 page 42",
            "stage 2 fault 4",
            "stage 2 fault b of input",
            "stage 2 fault 10 of input",
            "stage 2 fault 11 of input",
            "stage 2 fault 12 of input",
            "stage 2 fault 13 of input",
            "stage 2 page 12",
            "stage 2 page 14",
            "stage 2 page 16",
            "stage 2 page 21",
            "stage 2 page 25",
            "stage 2 page 29",
            "stage 2 page 30",
            "nested fault 4",
            "nested fault 6",
            "nested fault a",
            "nested fault b of a context",
            "nested fault 10",
            "nested fault 10 of a context",
            "nested fault 10 of a table",
            "nested fault 10 of input",
            "nested fault 11",
            "nested fault 11 of a context",
            "nested fault 12",
            "nested fault 12 of a context",
            "nested fault 13",
            "nested fault 13 of a context",
            "nested fault 13 of a table",
            "nested fault 13 of input",
            "nested page 12",
            "nested page 14",
            "nested page 16",
            "nested page 21",
            "nested page 25",
            "nested fault 12 of a table",
            "nested fault 2",
            "nested fault 3",
            "nested fault 9",
            "nested fault ffffffff",
            "nested page 52");
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
        state.set("EVENTQ_BASE", EVENTS | 4);
        RegisterView view = new RegisterView(state.registers());
        SmmuV3Walker walker = new SmmuV3Walker(view, state.memory(), new SeenTags());
        EventEvidence evidence = new EventEvidence(walker, view, state.memory());
        EventQueue events = new EventQueue(state.registers(), view, state.memory(), evidence);
        for (int question = 0; question < QUESTIONS; question++) {
          ask(
              state,
              walker,
              events,
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
      EventQueue events,
      RandomTables tables,
      boolean write,
      Map<String, Integer> seen,
      String where) {
    int streamId = tables.streamId();
    long iova = tables.address(streamId);
    Endpoint endpoint = new Endpoint(0, "any", streamId, Map.of());
    Access access = write ? Access.WRITE : Access.READ;
    WalkResult result = new WalkResult();
    result.begin();
    walker.walk(endpoint, iova, access, result);
    LiteralAnswer expected = LiteralReader.ask(state::get, state.memory(), streamId, iova, write);

    LiteralAnswer actual = answer(state, events, endpoint, access, result, iova);
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
    seen.merge(name(tables.config(streamId), expected), 1, Integer::sum);
  }

  /** Both the regime and the outcome, to see that every pair occurs. */
  private static String name(int config, LiteralAnswer answer) {
    String regime =
        switch (config) {
          case 5 -> "stage 1 ";
          case 6 -> "stage 2 ";
          case 7 -> "nested ";
          default -> "";
        };
    if (answer.ok()) {
      return regime + "page " + Long.numberOfTrailingZeros(answer.size());
    }
    boolean stage2 = !answer.event().isEmpty() && (answer.event().get(1) >>> 39 & 1) == 1;
    String of =
        stage2
            ? List.of(" of a context", " of a table", " of input")
                .get((int) (answer.event().get(1) >>> 40 & 3))
            : "";
    return regime + "fault " + Integer.toHexString(answer.reason()) + of;
  }

  private static LiteralAnswer answer(
      SmmuFixture state,
      EventQueue events,
      Endpoint endpoint,
      Access access,
      WalkResult result,
      long iova) {
    return result.outcome() == WalkResult.Outcome.TRANSLATED
        ? new LiteralAnswer(
            true,
            result.gpaOf(iova),
            result.size(),
            result.permission().read(),
            result.permission().write(),
            result.domain(),
            0,
            List.of())
        : new LiteralAnswer(
            false,
            0,
            0,
            false,
            false,
            0,
            result.faultReason(),
            recorded(state, events, result.toFault(endpoint, iova, access), endpoint));
  }

  /** The words of the event that the fault leaves in the queue. */
  private static List<Long> recorded(
      SmmuFixture state, EventQueue events, IommuFault fault, Endpoint endpoint) {
    if (!fault.recorded()) {
      return List.of();
    }
    state.set("EVENTQ_PROD", 0);
    state.set("EVENTQ_CONS", 0);
    state.set("GERROR", 0);
    events.record(endpoint, fault);
    assertThat(state.get("EVENTQ_PROD")).isEqualTo(1);
    state.registerWrites.clear();
    return List.of(
        state.get(EVENTS), state.get(EVENTS + 8), state.get(EVENTS + 16), state.get(EVENTS + 24));
  }
}
