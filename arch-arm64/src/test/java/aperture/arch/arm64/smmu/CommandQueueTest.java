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
  private final SeenTags seen = new SeenTags();
  private SmmuV3Hardware hardware;
  private long producer;

  @BeforeEach
  void build() {
    HandMadeTables.build(state);
    state.addEndpoint(0x10);
    state.addEndpoint(0x108);
    hardware = new SmmuV3Hardware(state, new RegisterView(state.registers()), seen);
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
    // NUM 2, SCALE 3: 3 * 8 pages, whose leaves are known to be of level 3.
    long dword0 = 5L << 48 | 3 << 20 | 2 << 12 | 0x12;
    assertThat(run(dword0, 0x12_3000 | 3 << 8 | 1 << 10 | 1))
        .containsExactly("domain 5 0x123000 0x18000");
    assertThat(run(dword0, 0x10_0000 | 3 << 8 | 3 << 10 | 1))
        .containsExactly("domain 5 0x100000 0x180000");
    assertThat(run(dword0, 0x10_0000 | 3 << 8 | 2 << 10 | 1))
        .containsExactly("domain 5 0x100000 0x60000");
    assertThat(run(dword0 + 1, 0x12_3000 | 3 << 8 | 1 << 10))
        .containsExactly(
            "range 00:01.0 0x123000 0x18000",
            "range 00:02.0 0x123000 0x18000",
            "range 01:01.0 0x123000 0x18000");
  }

  @Test
  void aBlockThatARangeTouchesGoesWhole() {
    long onePage = 5L << 48 | 0x12;
    assertThat(run(onePage, 0x4012_3000L | 2 << 8 | 1 << 10 | 1))
        .containsExactly("domain 5 0x40000000 0x200000");
    assertThat(run(onePage | 1 << 12, 0x401f_f000L | 2 << 8 | 1 << 10 | 1))
        .containsExactly("domain 5 0x40000000 0x400000");
    assertThat(run(onePage, 0x4012_3000L | 1 << 10 | 1))
        .as("of no known level")
        .containsExactly("domain 5 0x40000000 0x40000000");
    assertThat(run(onePage, 0x4012_0000L | 3 << 10 | 1))
        .as("64 KiB: 512 MiB at most")
        .containsExactly("domain 5 0x40000000 0x20000000");
  }

  @Test
  void oneAddressTakesTheWholeEntryWithIt() {
    assertThat(run(5L << 48 | 0x12, 0x4012_3001L))
        .containsExactly("domain 5 0x40000000 0x40000000");
    state.set("IDR3", 4);
    assertThat(run(5L << 48 | 2 << 12 | 0x12, 0x4012_3000L | 1 << 10))
        .as("ranges are ignored where they do not exist")
        .containsExactly("domain 5 0x40000000 0x40000000");
    state.set("IDR5", 0x76);
    assertThat(run(5L << 48 | 0x12, 0x4012_3001L))
        .as("the largest block of 52-bit addresses has 4 TiB")
        .containsExactly("domain 5 0x0 0x40000000000");
    state.set("IDR5", 0x24);
    assertThat(run(5L << 48 | 0x12, 0x4312_3001L)).containsExactly("domain 5 0x42000000 0x2000000");
  }

  @Test
  void aRangeThatWouldWrapGoesToTheEnd() {
    assertThat(run(5L << 48 | 31 << 20 | 31 << 12 | 0x12, -4096L | 3 << 8 | 1 << 10))
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
  @ValueSource(
      longs = {
        0x00,
        0x07,
        0x08,
        0x14,
        0x18,
        0x20,
        0x21,
        0x22,
        0x23,
        0x24,
        0x28,
        0x29,
        0x2a,
        0x2b,
        0x31,
        0x40,
        0x41,
        0x42,
        0x43,
        0x44,
        0x45,
        0x47,
        0x50,
        0x70,
        0xff, // what there is not
        0x401,
        0x403,
        0x404,
        0x405,
        0x406, // the secure world
        0x3046 // a signal that is none
      })
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
  void commandsOfStage1AreIllegalWhereThereIsNone() {
    state.set("IDR0", 0x0d40_1019L);
    run(0x11, 0);
    assertThat(state.get("CMDQ_CONS")).isEqualTo(1L << 24);
  }

  @Test
  void whatCanStallCanBeResumedAndPagesCanBeAnswered() {
    state.set("IDR0", 0x0d40_101aL & ~(3L << 24) | 1 << 16);
    assertThat(run(0x8_0000_0044L, 5)).isEmpty();
    assertThat(run(0x8_0000_0045L, 5)).isEmpty();
    assertThat(run(0x8_0000_0041L, 1 << 12)).isEmpty();
    assertThat(state.get("GERROR")).isZero();
    run(0x8_0000_0041L, 3 << 12);
    assertThat(state.get("GERROR")).as("a reserved response").isEqualTo(1);
  }

  @Test
  void whatDevicesKeepThemselvesIsForgottenByRange() {
    state.set("IDR0", 0x0d40_101aL | 1 << 10);
    assertThat(run(0x10_0000_0040L, 0x12_3000L | 2))
        .containsExactly("range 00:02.0 0x120000 0x4000");
    assertThat(run(0x10_0000_0040L, 52)).containsExactly("range 00:02.0 0x0 0x0");
    assertThat(run(0x77_0000_0040L, 52)).isEmpty();
  }

  @Test
  void aQueueOutsideMemoryAborts() {
    state.set("CMDQ_BASE", 0x1000_0003L);
    run(0x10, 0);

    assertThat(state.get("CMDQ_CONS")).isEqualTo(2L << 24);
    assertThat(state.get("GERROR")).isEqualTo(1);
  }

  @Test
  void aSyncWritesItsMessageWhereTheSmmuCan() {
    assertThat(run(0x1234_5678_0000_1046L, 0x4052_0000L)).isEmpty();
    assertThat(state.get(0x4052_0000L)).as("no messages").isZero();

    state.set("IDR0", 0x0d40_101aL | 1 << 13);
    state.put(0x4052_0000L, -1);
    run(0x1234_5678_0000_1046L, 0x4052_0000L);
    assertThat(state.get(0x4052_0000L)).isEqualTo(0xffff_ffff_1234_5678L);
    run(0x0000_0001_0000_2046L, 0x4052_0000L);
    assertThat(state.get(0x4052_0000L)).as("an event").isEqualTo(0xffff_ffff_1234_5678L);
    assertThat(state.get("GERROR")).isZero();
  }

  @Test
  void aMessageThatLeadsNowhereIsAGlobalErrorAndTheQueueGoesOn() {
    state.set("IDR0", 0x0d40_101aL | 1 << 13);
    run(0x1046, 0x1000_0000L);
    assertThat(state.get("GERROR")).isEqualTo(1 << 4);
    run(0x1046, 1L << 50);
    assertThat(state.get("GERROR")).as("until acknowledged").isEqualTo(1 << 4);
    hardware.write("GERRORN", 1 << 4);
    run(0x1046, 1L << 50);
    assertThat(state.get("GERROR")).isZero();
    assertThat(state.get("CMDQ_CONS")).isEqualTo(producer);
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
  void groupsOfVirtualMachinesAreChosenWhileNothingTranslates() {
    hardware.write("CR0", 0xd | 3 << 6);
    assertThat(state.get("CR0")).isEqualTo(0xd);
    hardware.write("CR0", 0xc | 3 << 6);
    hardware.write("CR0", 0xc | 2 << 6);
    hardware.write("CR0", 0xd | 2 << 6);
    hardware.write("CR0", 0xd);
    assertThat(state.get("CR0")).isEqualTo(0xd | 2 << 6);
    assertThat(state.get("CR0ACK")).isEqualTo(0xd | 2 << 6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"IDR0", "IDR1", "IDR3", "IDR5", "AIDR", "CR0ACK", "IRQ_CTRLACK", "GERROR"})
  void whatSoftwareMayOnlyReadStaysAsItIs(String register) {
    long before = state.get(register);
    hardware.write(register, ~before);
    assertThat(state.get(register)).isEqualTo(before);
  }

  @Test
  void theGlobalBypassRegisterTakesOnlyUpdates() {
    hardware.write("GBPA", 1 << 20);
    assertThat(state.get("GBPA")).isZero();
    hardware.write("GBPA", 1L << 31 | 1 << 20);
    assertThat(state.get("GBPA")).isEqualTo(1 << 20);
  }
}
