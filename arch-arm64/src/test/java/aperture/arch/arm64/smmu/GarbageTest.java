package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Registers, structures and queues full of noise: an answer of the architecture, and no exception.
 */
class GarbageTest {

  private static final int WORLDS = 200;
  private static final int QUESTIONS = 60;
  private static final long FILLED = SmmuFixture.RAM + (1L << 20);
  private static final int FILLED_WORDS = 1 << 13;
  private static final Set<Integer> EVENTS =
      Set.of(-1, 2, 3, 4, 6, 8, 9, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13);
  private static final String[] REGISTERS = {
    "IDR0",
    "IDR1",
    "IDR3",
    "IDR5",
    "CR0",
    "CR2",
    "GBPA",
    "STRTAB_BASE",
    "STRTAB_BASE_CFG",
    "EVENTQ_BASE",
    "EVENTQ_PROD",
    "EVENTQ_CONS",
    "CMDQ_BASE",
    "CMDQ_PROD",
    "CMDQ_CONS",
    "GERROR",
    "GERRORN"
  };

  private final SmmuFixture state = new SmmuFixture();
  private Random random;

  /** An address in the noise, more often than not. */
  private long word() {
    long noise = random.nextLong();
    return random.nextInt(4) == 0
        ? noise
        : FILLED + (random.nextInt(FILLED_WORDS / 512) << 12) | noise & 0xfff0_0000_0000_0fffL;
  }

  private void fill() {
    for (String register : REGISTERS) {
      state.set(register, random.nextInt(3) == 0 ? random.nextLong() : word());
    }
    // Queues of a size that noise fills.
    state.set("EVENTQ_BASE", word() & ~31L | random.nextInt(8));
    state.set("CMDQ_BASE", word() & ~31L | random.nextInt(8));
    state.set("CR0", random.nextInt(8) == 0 ? random.nextLong() : 0xd);
    state.set("STRTAB_BASE_CFG", random.nextInt(1 << 18));
    for (int i = 0; i < FILLED_WORDS; i++) {
      state.put(FILLED + 8L * i, word());
    }
  }

  @Test
  void everyNoiseHasAnAnswerOfTheArchitecture() {
    long seed = new Random().nextLong();
    random = new Random(seed);
    Map<Integer, Integer> seen = new TreeMap<>();
    for (int i = 0; i < 4; i++) {
      state.addEndpoint(i << 3);
    }
    for (int world = 0; world < WORLDS; world++) {
      fill();
      SeenTags tags = new SeenTags();
      RegisterView view = new RegisterView(state.registers());
      SmmuV3Walker walker = new SmmuV3Walker(view, state.memory(), tags);
      EventEvidence evidence = new EventEvidence(walker, view, state.memory());
      EventQueue events = new EventQueue(state.registers(), view, state.memory(), evidence);
      WalkResult result = new WalkResult();
      for (int question = 0; question < QUESTIONS; question++) {
        Endpoint endpoint = new Endpoint(0, "any", random.nextInt(1 << 9), Map.of());
        Access access = random.nextBoolean() ? Access.READ : Access.WRITE;
        long iova = random.nextBoolean() ? random.nextLong() : word() >>> random.nextInt(40);
        result.begin();
        walker.walk(endpoint, iova, access, result);
        check(result, endpoint, iova, access, events, "seed %d world %d".formatted(seed, world));
        seen.merge(
            result.outcome() == WalkResult.Outcome.FAULT ? result.faultReason() : 0,
            1,
            Integer::sum);
      }
      // A whole queue of noise, up to its first error, and again when that is acknowledged.
      SmmuV3Hardware hardware = new SmmuV3Hardware(state, view, tags);
      for (int round = 0; round < 20; round++) {
        hardware.write("GERRORN", state.get("GERROR"));
        hardware.write("CMDQ_PROD", random.nextLong());
      }
      state.invalidations.clear();
      state.registerWrites.clear();
    }
    assertThat(seen.keySet()).as("seed %d: %s", seed, seen).contains(2, 3, 4, -1, 0);
    state.close();
  }

  private static void check(
      WalkResult result,
      Endpoint endpoint,
      long iova,
      Access access,
      EventQueue events,
      String where) {
    assertThat(result.steps()).as(where).isLessThan(WalkResult.MAX_STEPS);
    if (result.outcome() == WalkResult.Outcome.TRANSLATED) {
      assertThat(result.permission().allows(access)).as(where).isTrue();
      assertThat(Long.compareUnsigned(iova - result.iovaBase(), result.size())).isNegative();
      assertThat(result.gpaOf(iova) & 0xfff).as(where).isEqualTo(iova & 0xfff);
      return;
    }
    assertThat(EVENTS).as(where).contains(result.faultReason());
    assertThat(result.faultText()).as(where).isNotEmpty();
    if (result.faultReason() >= 3) {
      assertThat(result.steps()).as("%s: a fault names a structure", where).isPositive();
    }
    if (result.recorded()) {
      events.record(endpoint, result.toFault(endpoint, iova, access));
      assertThat(events.pending()).as(where).hasSizeLessThanOrEqualTo(1 << 7);
    }
  }
}
