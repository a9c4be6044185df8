package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing that a guest can put into memory or registers makes a walk throw or run on. */
class HostileTablesTest {

  private static final String[] REGISTERS = {"GSTS", "RTADDR", "CAP", "ECAP", "VER"};

  private final BareState state = new BareState();

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
        state.registers().set(REGISTERS[random.nextInt(REGISTERS.length)], random.nextLong());
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
          BareState.walk(
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

  @Test
  void randomScalableTablesAlwaysGiveAnAnswer() {
    long seed = new Random().nextLong();
    System.getLogger("test").log(System.Logger.Level.INFO, "seed {0}", Long.toString(seed));
    Random random = new Random(seed);
    ScalableTables tables = new ScalableTables(state, 0x40, 3);
    Endpoint withPasid = tables.asking(Map.of("pasid", "0x45"));
    IommuInstance instance = tables.attach();
    int translated = 0;
    for (int round = 0; round < 50_000; round++) {
      long[] pages = {ScalableTables.ROOT, 0x10_1000, 0x10_2000, 0x10_3000};
      long page =
          switch (random.nextInt(3)) {
            case 0 -> pages[random.nextInt(4)];
            case 1 -> ScalableTables.SECOND[random.nextInt(4)];
            default -> ScalableTables.FIRST[random.nextInt(5)];
          };
      state.put(page + random.nextInt(512) * 8L, hostile(random));
      if (random.nextInt(50) == 0) {
        state.registers().set(REGISTERS[random.nextInt(REGISTERS.length)], random.nextLong());
      }
      if (random.nextInt(20) == 0) {
        repair(random);
      }
      WalkResult result =
          BareState.walk(
              instance.walker(),
              random.nextBoolean() ? tables.endpoint : withPasid,
              random.nextInt(8) == 0 ? random.nextLong() : random.nextLong(1L << 22),
              random.nextBoolean() ? Access.READ : Access.WRITE);
      if (result.outcome() == WalkResult.Outcome.TRANSLATED) {
        translated++;
        assertThat(result.iovaBase() & result.size() - 1).as("seed %d", seed).isZero();
      } else {
        assertThat(result.faultText())
            .as("seed %d", seed)
            .isNotEqualTo("the walker gave no answer");
      }
    }
    assertThat(translated).as("seed %d", seed).isPositive();
  }

  private void repair(Random random) {
    state.registers().set("CAP", ScalableTables.CAP);
    state.registers().set("ECAP", ScalableTables.ECAP);
    state.registers().set("RTADDR", ScalableTables.ROOT | 0x400);
    state.registers().set("GSTS", HandmadeTables.ENABLED);
    state.registers().set("VER", random.nextBoolean() ? 0x10 : 0x40);
    state.put(ScalableTables.ROOT_HALF, ScalableTables.CONTEXT | 1);
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 0xd);
    state.put(ScalableTables.CONTEXT_ENTRY + 8, ScalableTables.PASID);
    state.put(ScalableTables.CONTEXT_ENTRY + 16, 0);
    state.put(ScalableTables.CONTEXT_ENTRY + 24, 0);
    state.put(ScalableTables.DIRECTORY_ENTRY, ScalableTables.PASIDS | 1);
    long type = 1L + random.nextInt(4);
    state.put(ScalableTables.PASID_ENTRY, ScalableTables.SECOND[0] | type << 6 | 2 << 2 | 1);
    state.put(ScalableTables.PASID_ENTRY + 8, 1);
    state.put(ScalableTables.PASID_ENTRY + 16, ScalableTables.FIRST[0]);
    for (int i = 0; i < 2; i++) {
      state.put(ScalableTables.SECOND[i], ScalableTables.SECOND[i + 1] | 3);
      state.put(ScalableTables.FIRST[i], ScalableTables.FIRST[i + 1] | 7);
    }
    state.put(ScalableTables.SECOND[2], 0x83);
  }
}
