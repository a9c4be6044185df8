package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.vtd.LiteralReader.Answer;
import aperture.iommu.Access;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random tables, half sound and half broken, read by the walker and by the literal reader. */
class RandomTablesTest {

  private static final int POOL = 24;
  private static final long POOL_BASE = 0x20_0000;

  private final TestState state = new TestState();

  @AfterEach
  void close() {
    state.close();
  }

  @ParameterizedTest
  @CsvSource({"39, 3", "48, 3", "48, 4"})
  void theWalkerReadsAnyTableAsTheManualSays(int width, int levels) {
    long seed = new Random().nextLong();
    System.getLogger("test").log(System.Logger.Level.INFO, "seed {0}", Long.toString(seed));
    Random random = new Random(seed);
    long cap = width == 39 ? HandmadeTables.CAP_39 : HandmadeTables.CAP_48;
    HandmadeTables tables = new HandmadeTables(state, cap, POOL_BASE | 1, 0x500 | (levels - 2));
    IommuInstance instance = tables.attach();
    LiteralReader reader = new LiteralReader(state::get, TestState.MEMORY, width);
    TreeMap<Integer, Integer> reasons = new TreeMap<>();

    for (int round = 0; round < 40; round++) {
      scatter(random, width);
      for (int i = 0; i < 500; i++) {
        long iova = iova(random, width, levels);
        boolean write = random.nextBoolean();
        Answer expected = reader.read(POOL_BASE, levels, iova, write);
        WalkResult result =
            TestState.walk(
                instance.walker(), tables.endpoint, iova, write ? Access.WRITE : Access.READ);
        compare(seed, iova, write, expected, result);
        reasons.merge(expected.reason(), 1, Integer::sum);
      }
    }

    assertThat(reasons.keySet()).as("seed %d", seed).contains(0, 4, 5, 6, 7, 0xc, 0xe);
  }

  private static void compare(
      long seed, long iova, boolean write, Answer expected, WalkResult result) {
    String what = "seed %d, iova 0x%x, %s".formatted(seed, iova, write ? "write" : "read");
    if (expected.reason() == 0) {
      assertThat(result.outcome()).as(what).isEqualTo(Outcome.TRANSLATED);
      assertThat(result.gpaOf(iova)).as(what).isEqualTo(expected.gpa());
      assertThat(result.permission().allows(write ? Access.WRITE : Access.READ)).as(what).isTrue();
      assertThat(iova - result.iovaBase()).as(what).isBetween(0L, result.size() - 1);
    } else {
      assertThat(result.outcome()).as(what).isEqualTo(Outcome.FAULT);
      assertThat(result.faultReason()).as(what).isEqualTo(expected.reason());
    }
  }

  /** Fills a pool of table pages with entries that mostly point into the pool. */
  private void scatter(Random random, int width) {
    for (int page = 0; page < POOL; page++) {
      for (int i = 0; i < 512; i++) {
        state.put(POOL_BASE + page * 4096L + i * 8L, entry(random, width));
      }
    }
  }

  private static long entry(Random random, int width) {
    long target = POOL_BASE + random.nextInt(POOL) * 4096L;
    long entry =
        switch (random.nextInt(16)) {
          case 0 -> random.nextLong();
          case 1 -> random.nextLong(1L << width) & ~0xfffL | 3;
          case 2 -> 0xfee0_0000L | random.nextInt(256) << 12 | 3;
          case 3 -> (random.nextLong(1L << width) & ~0x3fff_ffffL) | 0x83;
          case 4 -> (random.nextLong(1L << width) & ~0x1f_ffffL) | 0x83;
          case 5 -> 0xc000_0000L | 0x83;
          case 6 -> 0;
          case 7 -> target | random.nextInt(4);
          default -> target | 3;
        };
    return random.nextInt(24) == 0 ? entry ^ 1L << random.nextInt(64) : entry;
  }

  private static long iova(Random random, int width, int levels) {
    int bits = Math.min(width, 12 + 9 * levels);
    while (true) {
      long iova =
          random.nextInt(20) == 0
              ? 1L << bits + random.nextInt(64 - bits)
              : random.nextLong(1L << bits);
      if (iova >>> 20 != 0xfee) {
        return iova;
      }
    }
  }
}
