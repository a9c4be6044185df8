package aperture.arch.x86.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.IommuInstance;
import aperture.iommu.WalkResult;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing that a guest can put into memory or registers makes the unit throw or run on. */
class HostileTablesTest {

  private static final String[] REGISTERS = {
    "DEVTAB",
    "CONTROL",
    "EXT_FEATURES",
    "EXCL_BASE",
    "STATUS",
    "CMDBUF",
    "EVTLOG",
    "CMD_HEAD",
    "CMD_TAIL",
    "EVT_HEAD",
    "EVT_TAIL"
  };

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
    AmdViRegisterFile registers = tables.registers();
    int translated = 0;
    for (int round = 0; round < 50_000; round++) {
      disturb(random, tables, registers);
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
        instance.recordFault(tables.endpoint, result.toFault(tables.endpoint, iova, Access.READ));
      }
      if (round % 64 == 0) {
        assertThat(instance.recordedFaults()).as("seed %d", seed).hasSizeLessThan(1 << 15);
      }
    }
    assertThat(translated).as("seed %d", seed).isPositive();
  }

  private void disturb(Random random, HandmadeTables tables, AmdViRegisterFile registers) {
    long at = HandmadeTables.ROOT + random.nextInt(0x3000 / 8) * 8L;
    state.put(random.nextInt(4) == 0 ? tables.entry + random.nextInt(4) * 8L : at, hostile(random));
    state.put(HandmadeTables.COMMANDS + random.nextInt(0x400) * 8L, random.nextLong());
    if (random.nextInt(20) == 0) {
      registers.write(REGISTERS[random.nextInt(REGISTERS.length)], random.nextLong());
      state.invalidations.clear();
    }
    if (random.nextInt(50) == 0) {
      state.registers().set(REGISTERS[random.nextInt(REGISTERS.length)], random.nextLong());
    }
    if (random.nextInt(20) == 0) {
      state.registers().set("CONTROL", HandmadeTables.CONTROL);
      state.registers().set("EXCL_BASE", 0);
      state.registers().set("STATUS", 0x18);
      state.registers().set("DEVTAB", HandmadeTables.DEVICES | 1);
      state.registers().set("EVTLOG", HandmadeTables.EVENTS | 9L << 56);
      state.registers().set("EXT_FEATURES", HandmadeTables.FEATURES);
      state.put(tables.entry, HandmadeTables.mode(random.nextInt(7)));
      state.put(tables.entry + 16, 0);
      state.put(tables.entry + 24, 0);
    }
  }

  private static long hostile(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> -1L;
      case 2 -> 0x3ff_f000L | HandmadeTables.next(random.nextInt(8)) | HandmadeTables.RW;
      default ->
          HandmadeTables.ROOT + random.nextInt(3) * 4096L
              | HandmadeTables.next(random.nextInt(8))
              | HandmadeTables.RW;
    };
  }
}
