package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing that a guest can put into memory or registers makes a walk throw or run on. */
class HostileTablesTest {

  private static final String[] REGISTERS = {"GSTS", "RTADDR", "CAP", "ECAP"};

  private final TestState state = new TestState();

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void randomRegistersAndTablesAlwaysGiveAnAnswer() {
    long seed = new Random().nextLong();
    System.getLogger("test").log(System.Logger.Level.INFO, "seed {0}", Long.toString(seed));
    Random random = new Random(seed);
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    IommuInstance instance = tables.attach();
    int translated = 0;
    for (int round = 0; round < 50_000; round++) {
      long at = HandmadeTables.ROOT + random.nextInt(0x6000 / 8) * 8L;
      state.put(random.nextInt(4) == 0 ? tables.contextEntry : at, hostile(random));
      if (random.nextInt(50) == 0) {
        state.registers().set(REGISTERS[random.nextInt(4)], random.nextLong());
      }
      if (random.nextInt(20) == 0) {
        state.registers().set("CAP", HandmadeTables.CAP_48);
        state.registers().set("RTADDR", HandmadeTables.ROOT);
        state.registers().set("GSTS", HandmadeTables.ENABLED);
        state.put(HandmadeTables.ROOT + 3 * 16, HandmadeTables.CONTEXT | 1);
        state.put(HandmadeTables.ROOT + 3 * 16 + 8, 0);
        state.put(tables.contextEntry, HandmadeTables.TOP | 1);
        state.put(tables.contextEntry + 8, 0x601 + random.nextInt(2));
      }
      long iova = random.nextInt(8) == 0 ? random.nextLong() : random.nextLong(1L << 39);
      WalkResult result =
          TestState.walk(
              instance.walker(),
              tables.endpoint,
              iova,
              random.nextBoolean() ? Access.READ : Access.WRITE);
      if (result.outcome() == WalkResult.Outcome.TRANSLATED) {
        translated++;
        assertThat(Long.bitCount(result.size())).as("seed %d", seed).isEqualTo(1);
        assertThat(result.iovaBase() & result.size() - 1).as("seed %d", seed).isZero();
      } else {
        assertThat(result.faultText())
            .as("seed %d", seed)
            .isNotEqualTo("the walker gave no answer");
      }
    }
    assertThat(translated).as("seed %d", seed).isPositive();
  }

  private static long hostile(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> -1L;
      case 2 -> 0x3ff_f000L | 3;
      default -> HandmadeTables.ROOT + random.nextInt(6) * 4096L | 3;
    };
  }
}
