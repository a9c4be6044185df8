package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.HandmadeTables.COMMANDS;
import static aperture.arch.x86.amdvi.HandmadeTables.EVENTS;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hardware end of the command buffer, with commands written as plain numbers. */
class AmdViCommandProcessorTest {

  private static final long STORE = 0x30_0000;

  private final BareState state = new BareState();
  private HandmadeTables tables;
  private AmdViRegisterFile registers;

  @BeforeEach
  void start() {
    tables = HandmadeTables.threeLevels(state);
    registers = tables.registers();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void command(int slot, long low, long high) {
    state.put(COMMANDS + slot * 16L, low);
    state.put(COMMANDS + slot * 16L + 8, high);
  }

  private void run(long low, long high) {
    command(0, low, high);
    registers.write("CMD_TAIL", 16);
  }

  private void assertStopped(int code) {
    assertThat(state.values.get("CMD_HEAD")).isZero();
    assertThat(state.values.get("STATUS") & 0x10).isZero();
    assertThat(state.get(EVENTS) >>> 60).isEqualTo(code);
  }

  @Test
  void aCompletionWaitStoresItsDataAndInterrupts() {
    run(1L << 60 | STORE | 3, 0x1122_3344_5566_7788L);

    assertThat(state.get(STORE)).isEqualTo(0x1122_3344_5566_7788L);
    assertThat(state.values.get("STATUS") & 4).isNotZero();
    assertThat(state.values.get("CMD_HEAD")).isEqualTo(16);
  }

  @Test
  void aCompletionWaitWithoutStoreTouchesNoMemory() {
    run(1L << 60 | STORE | 6, 9);

    assertThat(state.get(STORE)).isZero();
    assertThat(state.values.get("STATUS") & 4).isNotZero();
  }

  @Test
  void whatIsBeforeAWaitIsDoneBeforeItStores() {
    command(0, 8L << 60, 0);
    command(1, 1L << 60 | STORE | 1, 7);

    registers.write("CMD_TAIL", 32);

    assertThat(state.invalidations).containsExactly("all");
    assertThat(state.get(STORE)).isEqualTo(7);
  }

  @Test
  void anEntryInvalidationIsForTheRequester() {
    state.endpoint(0, 6);

    run(2L << 60 | 0x28, 0);

    assertThat(state.invalidations).containsExactly("endpoint 00:05.0");
  }

  @ParameterizedTest
  @CsvSource({
    "0x0000000012345000, 0x12345000+0x1000",
    "0x0000000012346001, 0x12346000+0x2000",
    "0x0000000012345001, 0x12344000+0x4000",
    "0x00000000122ff001, 0x12200000+0x200000",
    "0x7ffffffffffff003, 0x0+0x0",
    "0xfffffffffffff001, 0x0+0x0",
    "0x3ffffffffffff001, 0x0+0x0"
  })
  void aPageInvalidationSaysHowMuchInItsAddress(String high, String range) {
    run(3L << 60 | 6L << 32, Long.parseUnsignedLong(high.substring(2), 16));

    assertThat(state.invalidations).containsExactly("domain 6 " + range);
  }

  @Test
  void aDevicesOwnCacheIsTheUnits() {
    run(4L << 60 | 0x28 | 8 << 24, 0x5000);

    assertThat(state.invalidations).containsExactly("endpoint 00:05.0 0x5000+0x1000");
  }

  @Test
  void interruptsPrefetchesAndPageRequestsChangeNothing() {
    command(0, 5L << 60 | 0x28, 0);
    command(1, 6L << 60 | 0x28 | 1 << 24, 0x5000);
    command(2, 7L << 60 | 3L << 32 | 0x28, 0x4L | 0x1_0001L << 32 & 0xffffL << 32);

    registers.write("CMD_TAIL", 48);

    assertThat(state.values.get("CMD_HEAD")).isEqualTo(48);
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void aPrefetchMayAskToForgetFirst() {
    run(6L << 60 | 0x28, 0x5010);

    assertThat(state.invalidations).containsExactly("endpoint 00:05.0 0x5000+0x1000");
  }

  @ParameterizedTest
  @CsvSource({"0", "9", "10", "11", "12", "13", "14", "15"})
  void anUnknownOperationIsAnEventAndStopsTheBuffer(long operation) {
    run(operation << 60, 0);

    assertStopped(5);
    assertThat(state.get(EVENTS + 8)).isEqualTo(COMMANDS);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 52, -1", "1, 59, -1", "2, 16, -1", "2, 32, -1", "2, 59, -1", "2, -1, 0", "2, -1, 63",
    "3, 20, -1", "3, 31, -1", "3, 48, -1", "3, -1, 3", "3, -1, 11", "4, -1, 3", "4, -1, 11",
    "5, 16, -1", "5, -1, 12", "6, 16, -1", "6, 52, -1", "6, -1, 1", "6, -1, 3", "6, -1, 5",
    "7, 16, -1", "7, 52, -1", "7, -1, 0", "7, -1, 3", "7, -1, 31", "7, -1, 48", "8, 0, -1",
    "8, 59, -1", "8, -1, 0", "8, -1, 63"
  })
  void aReservedBitIsAnEventAndStopsTheBuffer(long operation, int lowBit, int highBit) {
    long low = operation << 60 | (lowBit < 0 ? 0 : 1L << lowBit);

    run(low, highBit < 0 ? 0 : 1L << highBit);

    assertStopped(5);
    assertThat(state.invalidations).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"6, 0x29d2", "7, 0x29d1", "8, 0x2993"})
  void aCommandWithoutItsFeatureIsIllegal(long operation, String features) {
    state.registers().set("EXT_FEATURES", Long.decode(features));

    run(operation << 60, 0);

    assertStopped(5);
  }

  @Test
  void aBufferOutsideMemoryIsAReadError() {
    state.registers().set("CMDBUF", 0x4_0000_0000L | 9L << 56);

    registers.write("CMD_TAIL", 16);

    assertStopped(6);
    assertThat(state.get(EVENTS) >>> 57 & 3).isEqualTo(1);
    assertThat(state.get(EVENTS + 8)).isEqualTo(0x4_0000_0000L);
  }

  @Test
  void aWaitThatCannotStoreStops() {
    run(1L << 60 | 0x4_0000_0000L | 1, 9);

    assertStopped(6);
  }

  @Test
  void aStoppedBufferTakesNothingUntilItIsTurnedOffAndOn() {
    run(9L << 60, 0);
    registers.write("CMD_TAIL", 32);
    assertThat(state.values.get("CMD_HEAD")).isZero();
    registers.write("CONTROL", HandmadeTables.CONTROL);
    assertThat(state.values.get("CMD_HEAD")).isZero();

    command(0, 8L << 60, 0);
    command(1, 8L << 60, 0);
    registers.write("CONTROL", HandmadeTables.CONTROL & ~(1 << 12));
    registers.write("CONTROL", HandmadeTables.CONTROL);

    assertThat(state.values.get("CMD_HEAD")).isEqualTo(32);
    assertThat(state.invalidations).containsExactly("all", "all");
  }

  @Test
  void theBufferWrapsAround() {
    registers.write("CONTROL", HandmadeTables.CONTROL & ~(1 << 12));
    registers.write("CMD_HEAD", 511 * 16);
    registers.write("CMD_TAIL", 16);
    command(511, 8L << 60, 0);
    command(0, 2L << 60 | 0x28, 0);

    registers.write("CONTROL", HandmadeTables.CONTROL);

    assertThat(state.invalidations).containsExactly("all", "endpoint 00:05.0");
    assertThat(state.values.get("CMD_HEAD")).isEqualTo(16);
  }

  @Test
  void aRunningBufferKeepsItsBaseAndHeadAndATailBeyondItIsIgnored() {
    registers.write("CMDBUF", 0x40_0000 | 9L << 56);
    registers.write("CMD_HEAD", 0x100);
    registers.write("CMD_TAIL", 512 * 16);

    assertThat(state.values.get("CMDBUF")).isEqualTo(COMMANDS | 9L << 56);
    assertThat(state.registers().get("CMD_HEAD")).isZero();
    assertThat(state.registers().get("CMD_TAIL")).isZero();
  }

  @Test
  void turningTheUnitOnOrOffForgetsEverything() {
    registers.write("CONTROL", 0);
    assertThat(state.invalidations).containsExactly("all");
    assertThat(state.values.get("STATUS")).isZero();

    registers.write("CONTROL", HandmadeTables.CONTROL);
    assertThat(state.invalidations).containsExactly("all", "all");
    assertThat(state.values.get("STATUS")).isEqualTo(0x18);
  }
}
