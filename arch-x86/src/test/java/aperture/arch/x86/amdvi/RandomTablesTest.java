package aperture.arch.x86.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.arch.x86.amdvi.LiteralReader.Answer;
import aperture.iommu.Access;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random tables, half sound and half broken, read by the walker and by the literal reader. */
class RandomTablesTest {

  private static final int POOL = 24;
  private static final long POOL_BASE = 0x20_0000;

  private static final int TABLES = 40;
  private static final int QUESTIONS = 500;

  /** Events that every mode must have given; -1 is no access without an event. */
  private static final Integer[] EXPECTED = {-1, 0, 0x1080, 0x2000, 0x2050, 0x2090, 0x2010, 0x4200};

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void theWalkerReadsAnyTableAsTheManualSays(int mode) {
    long seed = new Random().nextLong();
    System.getLogger("test").log(System.Logger.Level.INFO, "seed {0}", Long.toString(seed));
    Random random = new Random(seed);
    HandmadeTables tables = new HandmadeTables(state, 0);
    IommuInstance instance = tables.attach();
    LiteralReader reader = new LiteralReader(state::get, BareState.MEMORY);
    TreeMap<Integer, Integer> events = new TreeMap<>();

    for (int round = 0; round < TABLES; round++) {
      scatter(random, mode);
      for (int i = 0; i < QUESTIONS; i++) {
        deviceEntry(random, tables.entry, mode);
        long iova = iova(random, mode);
        boolean write = random.nextBoolean();
        Answer expected = reader.read(tables.entry, iova, write);
        WalkResult result =
            BareState.walk(
                instance.walker(), tables.endpoint, iova, write ? Access.WRITE : Access.READ);
        compare(seed, iova, write, expected, result);
        events.merge(expected.event(), 1, Integer::sum);
      }
    }

    assertThat(events.keySet()).as("seed %d", seed).contains(EXPECTED);
    assertThat(events.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(TABLES * QUESTIONS);
  }

  private static void compare(
      long seed, long iova, boolean write, Answer expected, WalkResult result) {
    String what = "seed %d, iova 0x%x, %s".formatted(seed, iova, write ? "write" : "read");
    if (expected.event() == 0) {
      assertThat(result.outcome()).as(what).isEqualTo(Outcome.TRANSLATED);
      assertThat(result.gpaOf(iova)).as(what).isEqualTo(expected.gpa());
      assertThat(result.permission().read()).as(what).isEqualTo(expected.read());
      assertThat(result.permission().write()).as(what).isEqualTo(expected.write());
      assertThat(iova - result.iovaBase()).as(what).isBetween(0L, result.size() - 1);
    } else {
      assertThat(result.outcome()).as(what).isEqualTo(Outcome.FAULT);
      assertThat(result.faultReason()).as(what).isEqualTo(expected.event());
    }
  }

  /** One bit of any of the four quads is now and then another. */
  private void deviceEntry(Random random, long at, int mode) {
    state.put(at, 0x6000_0000_0000_0003L | POOL_BASE | (long) mode << 9);
    state.put(at + 8, 6);
    state.put(at + 16, 0);
    state.put(at + 24, 0);
    if (random.nextInt(8) == 0) {
      long quad = at + random.nextInt(4) * 8L;
      state.put(quad, state.get(quad) ^ 1L << random.nextInt(64));
    }
  }

  /** Fills a pool of table pages with entries that mostly point into the pool, mostly one down. */
  private void scatter(Random random, int mode) {
    for (int page = 0; page < POOL; page++) {
      for (int i = 0; i < 512; i++) {
        state.put(POOL_BASE + page * 4096L + i * 8L, entry(random, mode));
      }
    }
  }

  private static long entry(Random random, int mode) {
    long target = POOL_BASE + random.nextInt(POOL) * 4096L;
    long next = (long) random.nextInt(mode) << 9;
    long address = random.nextLong() & 0xf_ffff_ffff_f000L;
    long entry =
        switch (random.nextInt(16)) {
          case 0 -> random.nextLong();
          case 1 -> address | 0x6000_0000_0000_0001L;
          case 2, 3 -> address | 0x6000_0000_0000_0e01L;
          case 4 -> address | (1L << 12 + random.nextInt(40)) - 4096 | 0x6000_0000_0000_0e01L;
          case 5 -> 0;
          case 6 -> target | next | (long) random.nextInt(4) << 61 | 1;
          default -> target | next | 0x6000_0000_0000_0001L;
        };
    return random.nextInt(24) == 0 ? entry ^ 1L << random.nextInt(64) : entry;
  }

  /** Sparse addresses are the rule, so that skipped levels are often 0. */
  private static long iova(Random random, int mode) {
    int bits = Math.min(64, 12 + 9 * mode);
    long all = bits == 64 ? random.nextLong() : random.nextLong(1L << bits);
    long sparse = all;
    for (int low = 12; low < bits; low += 9) {
      if (random.nextInt(3) == 0) {
        sparse &= ~(0x1ffL << low);
      }
    }
    boolean beyond = bits < 64 && random.nextInt(20) == 0;
    return beyond ? sparse | 1L << bits + random.nextInt(64 - bits) : sparse;
  }
}
