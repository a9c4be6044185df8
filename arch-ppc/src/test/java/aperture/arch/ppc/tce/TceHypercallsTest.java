package aperture.arch.ppc.tce;

import static aperture.arch.ppc.tce.HypercallStatus.FUNCTION;
import static aperture.arch.ppc.tce.HypercallStatus.PARAMETER;
import static aperture.arch.ppc.tce.HypercallStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.testkit.TableState;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every status of the hypervisor calls, and what each call changes. */
class TceHypercallsTest {

  private static final long LIOBN = HostBridge.DEFAULT_LIOBN;
  private static final long DIRECT = LIOBN | 1;
  private static final long DIRECT_START = 1L << 59;
  private static final long LIST = 0x20_0000;
  private static final long END = 1L << 30;

  private final TableState state = new TableState();
  private TceHypercalls calls = calls();

  private TceHypercalls calls() {
    return new TceHypercalls(new WindowTable(state.tables()), state.memory(), state.invalidator());
  }

  @BeforeEach
  void reset() {
    HostBridge.reset(state.tables(), LIOBN);
    state
        .tables()
        .create(DIRECT, 16, Map.of(TceWindow.BUS_OFFSET, DIRECT_START, TceWindow.PAGE_SHIFT, 16L));
    calls = calls();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private long get(long ioba) {
    TceHypercalls.Reply reply = calls.getTce(LIOBN, ioba);
    assertThat(reply.status()).isEqualTo(SUCCESS);
    return reply.tce();
  }

  private void list(long... entries) {
    for (int i = 0; i < entries.length; i++) {
      state.memory().putBe64(state.memory().offsetOf(LIST + 8L * i, 8), entries[i]);
    }
  }

  @Test
  void aResetBridgeHasTheDefaultWindowAllZero() {
    assertThat(state.tables().find(LIOBN))
        .hasValueSatisfying(t -> {
          assertThat(t.entries()).isEqualTo(262_144);
          assertThat(t.attributes())
              .containsEntry("bus_offset", 0L)
              .containsEntry("page_shift", 12L);
        });
    assertThat(get(0)).isZero();
    assertThat(get(END - 1)).isZero();
  }

  @Test
  void resettingAgainDropsEveryWindowAndEntry() {
    assertThat(calls.putTce(LIOBN, 0x5000, 0x9003)).isEqualTo(SUCCESS);

    HostBridge.reset(state.tables(), LIOBN);

    assertThat(get(0x5000)).isZero();
    assertThat(state.tables().find(DIRECT)).isEmpty();
    assertThat(calls.getTce(DIRECT, DIRECT_START).status()).isEqualTo(PARAMETER);
  }

  @Test
  void anUnknownWindowIsAnInvalidParameterOfEveryCall() {
    list(0x9003);

    assertThat(calls.getTce(0x8000_0100L, 0)).isEqualTo(new TceHypercalls.Reply(PARAMETER, 0));
    assertThat(calls.putTce(0x8000_0100L, 0, 3)).isEqualTo(PARAMETER);
    assertThat(calls.putTceIndirect(0x8000_0100L, 0, LIST, 1)).isEqualTo(PARAMETER);
    assertThat(calls.stuffTce(0x8000_0100L, 0, 0, 1)).isEqualTo(PARAMETER);
  }

  @Test
  void anAddressOutsideTheWindowIsAnInvalidParameterOfEveryCall() {
    list(0x9003);

    assertThat(calls.getTce(LIOBN, END).status()).isEqualTo(PARAMETER);
    assertThat(calls.putTce(LIOBN, END, 3)).isEqualTo(PARAMETER);
    assertThat(calls.putTceIndirect(LIOBN, END, LIST, 1)).isEqualTo(PARAMETER);
    assertThat(calls.stuffTce(LIOBN, END, 0, 1)).isEqualTo(PARAMETER);
    assertThat(calls.putTce(LIOBN, -4096, 3)).isEqualTo(PARAMETER);
    assertThat(calls.putTce(DIRECT, DIRECT_START - 1, 3)).isEqualTo(PARAMETER);
    assertThat(calls.putTce(DIRECT, DIRECT_START + 16 * 65_536, 3)).isEqualTo(PARAMETER);
    assertThat(calls.putTce(DIRECT, DIRECT_START + 16 * 65_536 - 1, 3)).isEqualTo(SUCCESS);
  }

  @Test
  void anyValueIsStoredAndTheLowAddressBitsAreDropped() {
    assertThat(calls.putTce(LIOBN, 0x5abc, 0xdead_beef_0000_0ff2L)).isEqualTo(SUCCESS);

    assertThat(get(0x5000)).isEqualTo(0xdead_beef_0000_0ff2L);
    assertThat(get(0x6000)).isZero();
  }

  @Test
  void aListIsPutInOneCall() {
    long[] entries = new long[512];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = (long) i << 12 | 3;
    }
    list(entries);

    assertThat(calls.putTceIndirect(LIOBN, 0x10_0000, LIST, 512)).isEqualTo(SUCCESS);

    assertThat(get(0x10_0000)).isEqualTo(3);
    assertThat(get(0x10_0000 + (511 << 12))).isEqualTo(511 << 12 | 3);
    assertThat(get(0x10_0000 + (512 << 12))).isZero();
  }

  @Test
  void aListThatIsTooLongEmptyMisalignedOrNotInMemoryIsRefusedWhole() {
    list(0x9003, 0xa003);

    assertThat(calls.putTceIndirect(LIOBN, 0, LIST, 513)).isEqualTo(PARAMETER);
    assertThat(calls.putTceIndirect(LIOBN, 0, LIST, 0)).isEqualTo(PARAMETER);
    assertThat(calls.putTceIndirect(LIOBN, 0, LIST, -1)).isEqualTo(PARAMETER);
    assertThat(calls.putTceIndirect(LIOBN, 0, LIST + 8, 1)).isEqualTo(PARAMETER);
    assertThat(calls.putTceIndirect(LIOBN, 0, TableState.MEMORY, 1)).isEqualTo(PARAMETER);
    assertThat(calls.putTceIndirect(LIOBN, 0, -4096, 1)).isEqualTo(PARAMETER);

    assertThat(get(0)).isZero();
  }

  @Test
  void aListThatLeavesTheWindowStopsThereAndKeepsWhatWasStored() {
    list(0x9003, 0xa003, 0xb003);

    assertThat(calls.putTceIndirect(LIOBN, END - 0x2000, LIST, 3)).isEqualTo(PARAMETER);

    assertThat(get(END - 0x2000)).isEqualTo(0x9003);
    assertThat(get(END - 0x1000)).isEqualTo(0xa003);
  }

  @Test
  void stuffingWritesOneValueToARow() {
    assertThat(calls.stuffTce(LIOBN, 0x7000, 0x9003, 3)).isEqualTo(SUCCESS);
    assertThat(get(0x6000)).isZero();
    assertThat(get(0x7000)).isEqualTo(0x9003);
    assertThat(get(0x9000)).isEqualTo(0x9003);
    assertThat(get(0xa000)).isZero();

    assertThat(calls.stuffTce(LIOBN, 0, 0, 262_144)).isEqualTo(SUCCESS);
    assertThat(get(0x7000)).isZero();
  }

  @Test
  void stuffingNothingOrMoreThanTheWindowHasIsRefused() {
    assertThat(calls.stuffTce(LIOBN, 0, 3, 0)).isEqualTo(PARAMETER);
    assertThat(calls.stuffTce(LIOBN, 0, 3, 262_145)).isEqualTo(PARAMETER);
    assertThat(calls.stuffTce(LIOBN, 0, 3, -1)).isEqualTo(PARAMETER);
    assertThat(get(0)).isZero();
  }

  @Test
  void stuffingThatLeavesTheWindowKeepsWhatWasStored() {
    assertThat(calls.stuffTce(LIOBN, END - 0x1000, 0x9003, 2)).isEqualTo(PARAMETER);

    assertThat(get(END - 0x1000)).isEqualTo(0x9003);
  }

  @Test
  void onlyAStoreThatTakesSomethingAwayIsInvalidated() {
    calls.putTce(LIOBN, 0x5000, 0x9003);
    calls.putTce(LIOBN, 0x5000, 0x9003);
    calls.putTce(LIOBN, 0x6000, 0);
    assertThat(state.invalidations).isEmpty();

    calls.putTce(LIOBN, 0x5000, 0xa003);
    calls.stuffTce(LIOBN, 0x4000, 0, 4);
    calls.stuffTce(LIOBN, 0x4000, 0, 4);

    assertThat(state.invalidations)
        .containsExactly("domain 0x80000000 0x5000+0x1000", "domain 0x80000000 0x4000+0x4000");
  }

  @Test
  void anInvalidationNamesTheWindowAndItsPages() {
    list(0x10003, 0x20003);
    calls.putTceIndirect(DIRECT, DIRECT_START + 0x3_0000, LIST, 2);
    list(0, 0);
    calls.putTceIndirect(DIRECT, DIRECT_START + 0x3_0000, LIST, 2);

    assertThat(state.invalidations).containsExactly("domain 0x80000001 0x800000000030000+0x20000");
  }

  @Test
  void aCallInstructionTakesAndReturnsRegisters() {
    list(0xb003, 0xc003);
    assertThat(call(0x20, LIOBN, 0x5000, 0x9003, 0)).containsExactly(0, LIOBN, 0x5000, 0x9003, 0);
    assertThat(call(0x1c, LIOBN, 0x5000, 0, 0)).startsWith(0, 0x9003);
    assertThat(call(0x13c, LIOBN, 0x5000, LIST, 2)).startsWith(0);
    assertThat(call(0x1c, LIOBN, 0x6000, 0, 0)).startsWith(0, 0xc003);
    assertThat(call(0x138, LIOBN, 0x5000, 0, 2)).startsWith(0);
    assertThat(call(0x1c, LIOBN, 0x6000, 0, 0)).startsWith(0, 0);
  }

  @Test
  void aFailedReadLeavesTheRegisterAlone() {
    assertThat(call(0x1c, LIOBN, END, 0, 0)).startsWith(PARAMETER, LIOBN);
  }

  @Test
  void anUnknownCallIsNoFunction() {
    assertThat(call(0x24, LIOBN, 0, 0, 0)).startsWith(FUNCTION, LIOBN);
  }

  private long[] call(long... registers) {
    calls.call(registers);
    return registers;
  }
}
