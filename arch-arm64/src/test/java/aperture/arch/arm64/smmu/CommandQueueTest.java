package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A queue of eight entries at 0x4051_0000. */
class CommandQueueTest {

  private static final long QUEUE = 0x4051_0000L;

  private final SmmuFixture state = new SmmuFixture();
  private SmmuV3Hardware hardware;
  private long producer;

  @BeforeEach
  void build() {
    HandMadeTables.build(state);
    state.addEndpoint(0x10);
    state.addEndpoint(0x108);
    hardware = new SmmuV3Hardware(state, new RegisterView(state.registers()));
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void put(long dword0, long dword1) {
    state.put(QUEUE + (producer & 7) * 16, dword0);
    state.put(QUEUE + (producer & 7) * 16 + 8, dword1);
    producer = producer + 1 & 15;
  }

  private List<String> run(long dword0, long dword1) {
    state.invalidations.clear();
    put(dword0, dword1);
    hardware.write("CMDQ_PROD", producer);
    return state.invalidations;
  }

  @Test
  void configurationCommandsForgetTheirStreams() {
    assertThat(run(0x8_0000_0003L, 1)).containsExactly("endpoint 00:01.0");
    assertThat(run(0x10_0000_0005L, 1)).containsExactly("endpoint 00:02.0");
    assertThat(run(0x10_0000_0006L, 0)).containsExactly("endpoint 00:02.0");
    assertThat(run(0x7777_0000_0003L, 1)).isEmpty();
    assertThat(run(0x04, 31)).containsExactly("all");
    assertThat(run(0x04, 7)).containsExactly("endpoint 00:01.0", "endpoint 00:02.0");
    assertThat(state.get("CMDQ_CONS")).isEqualTo(producer);
  }

  @Test
  void tlbCommandsForgetTheirAddressSpace() {
    assertThat(run(5L << 48 | 0x11, 0)).containsExactly("domain 5 0x0 0x0");
    assertThat(run(0x10, 0)).containsExactly("all");
    assertThat(run(0x30, 0)).containsExactly("all");
  }

  @Test
  void aRangeIsForgottenExactly() {
    // NUM 2, SCALE 3: 3 * 8 pages of 4 KiB.
    long dword0 = 5L << 48 | 3 << 20 | 2 << 12 | 0x12;
    assertThat(run(dword0, 0x12_3000 | 1 << 10 | 1)).containsExactly("domain 5 0x123000 0x18000");
    assertThat(run(dword0, 0x10_0000 | 3 << 10 | 1)).containsExactly("domain 5 0x100000 0x180000");
    assertThat(run(dword0 + 1, 0x12_3000 | 1 << 10))
        .containsExactly(
            "range 00:01.0 0x123000 0x18000",
            "range 00:02.0 0x123000 0x18000",
            "range 01:01.0 0x123000 0x18000");
  }

  @Test
  void oneAddressTakesTheWholeEntryWithIt() {
    assertThat(run(5L << 48 | 0x12, 0x4012_3001L))
        .containsExactly("domain 5 0x40000000 0x40000000");
    state.set("IDR3", 4);
    assertThat(run(5L << 48 | 2 << 12 | 0x12, 0x4012_3000L | 1 << 10))
        .as("ranges are ignored where they do not exist")
        .containsExactly("domain 5 0x40000000 0x40000000");
  }

  @Test
  void aRangeThatWouldWrapGoesToTheEnd() {
    assertThat(run(5L << 48 | 31 << 20 | 31 << 12 | 0x12, -4096L | 1 << 10))
        .containsExactly("domain 5 0xfffffffffffff000 0x0");
  }

  @Test
  void syncAndPrefetchChangeNothing() {
    assertThat(run(0x46, 0)).isEmpty();
    assertThat(run(0x01, 0)).isEmpty();
    assertThat(run(0x02, 0)).isEmpty();
    assertThat(state.get("CMDQ_CONS")).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(longs = {0x00, 0xff, 0x20, 0x22, 0x28, 0x2a, 0x40, 0x41, 0x44, 0x45, 0x403})
  void whatThisSmmuDoesNotHaveStopsTheQueue(long dword0) {
    put(0x46, 0);
    assertThat(run(dword0, 0)).isEmpty();

    assertThat(state.get("CMDQ_CONS")).isEqualTo(1L << 24 | 1);
    assertThat(state.get("GERROR")).isEqualTo(1);

    assertThat(run(0x10, 0)).as("stopped until acknowledged").isEmpty();
    state.put(QUEUE + 16, 0x46);
    hardware.write("GERRORN", 1);
    assertThat(state.invalidations).containsExactly("all");
    assertThat(state.get("CMDQ_CONS")).isEqualTo(producer);
  }

  @Test
  void commandsOfFeaturesAreLegalWithTheFeature() {
    state.set("IDR0", 0x0c40_101aL & ~(3L << 24) | 1 | 1 << 9 | 1 << 10 | 1 << 16);
    for (long opcode : new long[] {0x20, 0x28, 0x2a, 0x40, 0x41, 0x44}) {
      assertThat(run(opcode, 0)).containsExactly("all");
    }
    assertThat(state.get("GERROR")).isZero();
  }

  @Test
  void aQueueOutsideMemoryAborts() {
    state.set("CMDQ_BASE", 0x1000_0003L);
    run(0x10, 0);

    assertThat(state.get("CMDQ_CONS")).isEqualTo(2L << 24);
    assertThat(state.get("GERROR")).isEqualTo(1);
  }

  @Test
  void aQueueThatIsOffIsLeftAlone() {
    state.set("CR0", 5);
    assertThat(run(0x10, 0)).isEmpty();
    assertThat(state.get("CMDQ_CONS")).isZero();

    hardware.write("CR0", 0xd);
    assertThat(state.invalidations).containsExactly("all");
  }

  @Test
  void registersInUseAreLocked() {
    hardware.write("STRTAB_BASE", 0x1234);
    hardware.write("CMDQ_BASE", 0x1234);
    hardware.write("EVENTQ_BASE", 0x1234);
    hardware.write("CR2", 0);

    assertThat(state.get("STRTAB_BASE")).isEqualTo(1L << 62 | HandMadeTables.STREAMS);
    assertThat(state.get("CMDQ_BASE")).isEqualTo(1L << 62 | QUEUE | 3);
    assertThat(state.get("EVENTQ_BASE")).isEqualTo(1L << 62 | 0x4050_0002L);
    assertThat(state.get("CR2")).isEqualTo(6);
  }

  @Test
  void theGlobalBypassRegisterTakesOnlyUpdates() {
    hardware.write("GBPA", 1 << 20);
    assertThat(state.get("GBPA")).isZero();
    hardware.write("GBPA", 1L << 31 | 1 << 20);
    assertThat(state.get("GBPA")).isEqualTo(1 << 20);
  }
}
