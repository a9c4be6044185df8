package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever a walk found is gone after the command with which software says that its leaf changed,
 * on random tables; and an address space that the command does not name is left alone.
 */
class InvalidationCoverageTest {

  private static final int WORLDS = 150;
  private static final int QUESTIONS = 120;
  private static final long QUEUE = SmmuFixture.RAM + (44L << 20);

  private final SmmuFixture state = new SmmuFixture();
  private final SeenTags seen = new SeenTags();
  private Random random;
  private SmmuV3Hardware hardware;
  private long producer;
  private int alone;

  @Test
  void whatACommandNamesIsGone() {
    long seed = new Random().nextLong();
    random = new Random(seed);
    RandomTables tables = new RandomTables(random, state);
    int found = 0;
    for (int world = 0; world < WORLDS; world++) {
      tables.fill();
      enableCommands();
      RegisterView view = new RegisterView(state.registers());
      SmmuV3Walker walker = new SmmuV3Walker(view, state.memory(), seen);
      hardware = new SmmuV3Hardware(state, view, seen);
      for (int question = 0; question < QUESTIONS; question++) {
        int streamId = tables.streamId();
        int config = tables.config(streamId);
        if (config < 5) {
          continue;
        }
        long iova = tables.address(streamId);
        WalkResult result = new WalkResult();
        result.begin();
        walker.walk(endpoint(streamId), iova, Access.READ, result);
        if (result.outcome() == WalkResult.Outcome.TRANSLATED && result.domain() != Tags.BYPASS) {
          found++;
          check(result, iova, "seed %d world %d 0x%x".formatted(seed, world, iova));
        }
      }
    }
    state.close();
    assertThat(found).as("translations").isGreaterThan(500);
    assertThat(alone).as("commands that left others alone").isGreaterThan(50);
  }

  /** Endpoints that core knows, as commands for all of them go by that list. */
  private Endpoint endpoint(int streamId) {
    for (Endpoint known : state.endpoints) {
      if (known.requesterId() == streamId) {
        return known;
      }
    }
    return state.addEndpoint(streamId);
  }

  private void enableCommands() {
    state.set("CMDQ_BASE", QUEUE | 4);
    state.set("CMDQ_PROD", 0);
    state.set("CMDQ_CONS", 0);
    state.set("GERROR", 0);
    state.set("CR0", 0xd | (random.nextInt(8) == 0 ? 1 << 6 : 0));
    producer = 0;
  }

  private void check(WalkResult result, long iova, String where) {
    long entry = step(result, "stream table entry", false);
    long control = state.get(entry + 16);
    long context = step(result, "context descriptor", true);
    int stage1 = level(result, "");
    int stage2 = level(result, "stage 2 ");
    boolean onlyStage2 = stage1 < 0;
    boolean high = (iova >>> 55 & 1) == 1;
    long code = onlyStage2 ? control >>> 46 & 3 : high ? context >>> 22 & 3 : context >>> 6 & 3;
    int page =
        onlyStage2 || !high
            ? new int[] {12, 16, 14, 0}[(int) code]
            : new int[] {0, 14, 12, 16}[(int) code];
    long asid = context >>> 48;
    if (!onlyStage2 && (leaf(result) >>> 11 & 1) == 0) {
      asid ^= 0x55; // A global leaf goes by any address space.
    }
    long opcode = onlyStage2 ? 0x2a : random.nextInt(4) == 0 ? 0x13 : 0x12;
    long address = onlyStage2 ? iova : iova << 8 >> 8;
    boolean range = (state.get("IDR3") >>> 10 & 1) == 1 && random.nextInt(3) != 0;
    long hint = random.nextInt(3) == 0 ? 0 : onlyStage2 ? stage2 : stage1;
    long dword1 = address & -1L << page & ~0xfffL;
    if (range) {
      dword1 |= (page - 10) / 2 << 10 | hint << 8;
    }
    run(asid << 48 | (control & 0xffff) << 32 | opcode, dword1);
    for (long at : new long[] {result.iovaBase(), result.iovaBase() + result.size() - 1, iova}) {
      assertThat(gone(result.domain(), endpointOf(result), at))
          .as("%s: opcode 0x%x dword1 0x%x: %s", where, opcode, dword1, state.invalidations)
          .isTrue();
    }
    if (!gone(result.domain() ^ 1, "nobody", iova)) {
      alone++;
    }
  }

  private static long step(WalkResult result, String structure, boolean value) {
    for (int step = 0; step < result.steps(); step++) {
      if (result.stepStructure(step).equals(structure)) {
        return value ? result.stepValue(step) : result.stepAddress(step);
      }
    }
    return 0;
  }

  /** The last level of a stage that was read. */
  private static int level(WalkResult result, String prefix) {
    for (int step = result.steps() - 1; step >= 0; step--) {
      for (int level = 0; level <= 3; level++) {
        if (result.stepStructure(step).equals(prefix + "level " + level + " descriptor")) {
          return level;
        }
      }
    }
    return -1;
  }

  private static long leaf(WalkResult result) {
    return step(result, "level " + level(result, "") + " descriptor", true);
  }

  private String endpointOf(WalkResult result) {
    long streams = SmmuFixture.RAM + (8L << 20);
    int streamId = (int) ((step(result, "stream table entry", false) - streams) / 64);
    return endpoint(streamId).id();
  }

  private void run(long dword0, long dword1) {
    state.invalidations.clear();
    state.put(QUEUE + (producer & 15) * 16, dword0);
    state.put(QUEUE + (producer & 15) * 16 + 8, dword1);
    producer = producer + 1 & 31;
    hardware.write("CMDQ_PROD", producer);
    assertThat(state.get("GERROR")).as("dword0 0x%x", dword0).isZero();
    state.registerWrites.clear();
  }

  /** Whether what was invalidated covers an address of a domain or an endpoint. */
  private boolean gone(int domain, String endpoint, long at) {
    for (String line : state.invalidations) {
      String[] words = line.split(" ", -1);
      boolean named =
          switch (words[0]) {
            case "all" -> true;
            case "domain" -> words[1].equals(Integer.toString(domain));
            default -> words[1].equals(endpoint);
          };
      if (named && (words.length < 4 || covers(words[2], words[3], at))) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(String first, String size, long at) {
    long from = Long.parseUnsignedLong(first.substring(2), 16);
    long bytes = Long.parseUnsignedLong(size.substring(2), 16);
    long last = from + (bytes - 1);
    boolean toTheEnd = bytes == 0 || Long.compareUnsigned(last, from) < 0;
    return Long.compareUnsigned(at, from) >= 0 && (toTheEnd || Long.compareUnsigned(at, last) <= 0);
  }
}
