package aperture.arch.ppc.tce;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.ppc.PseriesMachineDefaults;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuWalker;
import aperture.iommu.PlatformTable;
import aperture.machine.MachineRow;
import aperture.testkit.TableState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every status of the firmware calls for DMA windows, and what each call changes. */
class RtasCallsTest {

  private static final long BLOCK = 0x30_0000;
  private static final int BUID_HIGH = 0x0800_0000;
  private static final int BUID_LOW = 0x2000_0000;
  private static final long DEFAULT = 0x8000_0000L;
  private static final long SECOND = 0x8000_0001L;
  private static final int PARAMETER = -3;
  private static final int HARDWARE = -1;
  private static final int UNTOUCHED = 0x5a5a5a5a;

  private final TableState state = new TableState();
  private RtasCalls calls = new RtasCalls(state, DdwRules.NEWEST);

  @BeforeEach
  void reset() {
    HostBridge.reset(state.tables(), DEFAULT);
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void rules(String version) {
    MachineRow row =
        new PseriesMachineDefaults()
            .rows().stream().filter(r -> r.version().equals(version)).findFirst().orElseThrow();
    calls = new RtasCalls(state, DdwRules.of(row));
  }

  private void cell(long block, int at, int value) {
    state.memory().putBe32(state.memory().offsetOf(block + 4L * at, 4), value);
  }

  /** Calls with a block written cell by cell; the results, first filled with a mark. */
  private int[] call(int token, int nret, int... arguments) {
    cell(BLOCK, 0, token);
    cell(BLOCK, 1, arguments.length);
    cell(BLOCK, 2, nret);
    for (int i = 0; i < arguments.length; i++) {
      cell(BLOCK, 3 + i, arguments[i]);
    }
    for (int i = 0; i < nret; i++) {
      cell(BLOCK, 3 + arguments.length + i, UNTOUCHED);
    }
    assertThat(calls.call(BLOCK)).isZero();
    int[] results = new int[nret];
    for (int i = 0; i < nret; i++) {
      long at = BLOCK + 4L * (3 + arguments.length + i);
      results[i] = state.memory().getBe32(state.memory().offsetOf(at, 4));
    }
    return results;
  }

  private int[] create(int pageShift, int windowShift) {
    return call(0x2027, 4, 0, BUID_HIGH, BUID_LOW, pageShift, windowShift);
  }

  private int[] query() {
    return call(0x2026, 6, 0, BUID_HIGH, BUID_LOW);
  }

  private int remove(long liobn) {
    return call(0x2028, 1, (int) liobn)[0];
  }

  private void assertWindow(long liobn, long start, long shift, long entries) {
    PlatformTable table = state.tables().find(liobn).orElseThrow();
    assertThat(table.entries()).isEqualTo(entries);
    assertThat(table.attributes())
        .containsEntry("bus_offset", start)
        .containsEntry("page_shift", shift);
  }

  @Test
  void aQuerySaysHowManyWindowsAreLeftHowLargeAndOfWhichPages() {
    assertThat(query()).containsExactly(0, 1, 0x20, 0, 0x107, 0);
    assertThat(call(0x2026, 5, 0, BUID_HIGH, BUID_LOW))
        .containsExactly(0, 1, 0x8000_0000, 0x107, 0);

    create(24, 28);

    assertThat(query()[1]).isZero();
  }

  @Test
  void pageSizesFollowTheMachineVersion() {
    rules("7.2");
    assertThat(query()[4]).isEqualTo(1 | 2 | 4 | 0x100);
    rules("4.2");
    assertThat(query()[4]).isEqualTo(1 | 2 | 4 | 0x100);
    rules("4.1");
    assertThat(query()[4]).isEqualTo(1 | 2);
    assertThat(create(24, 28)).containsExactly(PARAMETER, UNTOUCHED, UNTOUCHED, UNTOUCHED);
    assertThat(create(16, 28)[0]).isZero();
    rules("2.7");
    assertThat(query()[0]).isZero();
  }

  @Test
  void anOldMachineHasNoSuchCalls() {
    for (String version : List.of("2.6", "2.1")) {
      rules(version);

      assertThat(query()).startsWith(PARAMETER, UNTOUCHED);
      assertThat(create(16, 28)[0]).isEqualTo(PARAMETER);
      assertThat(remove(DEFAULT)).isEqualTo(PARAMETER);
      assertThat(call(0x2029, 1, 0, BUID_HIGH, BUID_LOW)).containsExactly(PARAMETER);
    }
    assertThat(state.tables().all()).hasSize(1);
  }

  @Test
  void everyPageSizeThatAQueryCanNameHasItsBit() {
    int[] shifts = {12, 16, 24, 25, 26, 27, 28, 34, 21};
    for (int bit = 0; bit < shifts.length; bit++) {
      DdwRules one = new DdwRules(true, 1L << shifts[bit]);

      assertThat(one.queryMask()).isEqualTo(1 << bit);
      assertThat(DdwRules.largestShift(1 << bit)).isEqualTo(shifts[bit]);
    }
    assertThat(DdwRules.largestShift(0x107)).isEqualTo(24);
    assertThat(DdwRules.largestShift(0x1ff)).isEqualTo(34);
    assertThat(DdwRules.largestShift(0)).isZero();
  }

  @Test
  void aSecondWindowBeginsHighAndIsEmpty() {
    assertThat(create(24, 28)).containsExactly(0, (int) SECOND, 0x0800_0000, 0);

    assertWindow(SECOND, 0x0800_0000_0000_0000L, 24, 16);
    assertWindow(DEFAULT, 0, 12, 262_144);
    assertThat(state.tables().find(SECOND).orElseThrow().get(15)).isZero();
  }

  @Test
  void everyPageSizeMakesAWindowThatTranslates() {
    Endpoint endpoint = state.endpoint(Map.of());
    for (int shift : new int[] {12, 16, 21, 24}) {
      assertThat(create(shift, shift + 3)[0]).isZero();
      state.tables().find(SECOND).orElseThrow().set(7, 5L << shift | 3);
      long iova = (1L << 59) + (8L << shift) - 1;

      var result = TableState.walk(walker(), endpoint, iova, Access.WRITE);

      assertThat(result.gpaOf(iova)).isEqualTo((6L << shift) - 1);
      assertThat(result.size()).isEqualTo(1L << shift);
      assertThat(TableState.walk(walker(), endpoint, iova + 1, Access.READ).faultKind())
          .isEqualTo(FaultKind.ADDRESS_SIZE);
      assertThat(remove(SECOND)).isZero();
      assertThat(TableState.walk(walker(), endpoint, iova, Access.READ).faultKind())
          .isEqualTo(FaultKind.ADDRESS_SIZE);
    }
  }

  private IommuWalker walker() {
    return new SpaprTceWalker(new EndpointWindows(new WindowTable(state.tables())));
  }

  @Test
  void pagesThatAreNotOnOfferAndWindowsBelowOnePageAreInvalid() {
    for (int shift : new int[] {0, 11, 13, 25, 34, 64, -1, 1 << 30}) {
      assertThat(create(shift, 40)[0]).as("page shift %d", shift).isEqualTo(PARAMETER);
    }
    assertThat(create(16, 15)[0]).isEqualTo(PARAMETER);
    assertThat(create(16, 64)[0]).isEqualTo(PARAMETER);
    assertThat(create(16, -1)[0]).isEqualTo(PARAMETER);
    assertThat(create(16, 16)[0]).isZero();
    assertWindow(SECOND, 1L << 59, 16, 1);
  }

  @Test
  void aThirdWindowOrOneTooLargeIsAHardwareError() {
    assertThat(create(12, 44)).containsExactly(HARDWARE, UNTOUCHED, UNTOUCHED, UNTOUCHED);
    assertThat(create(12, 63)[0]).isEqualTo(HARDWARE);
    assertThat(create(24, 56)[0]).isEqualTo(HARDWARE);
    assertThat(create(12, 43)[0]).isZero();
    assertWindow(SECOND, 1L << 59, 12, 1L << 31);

    assertThat(create(16, 30)[0]).isEqualTo(HARDWARE);
  }

  @Test
  void removingTheSecondWindowLeavesTheDefaultOneAndItsEntries() {
    state.tables().find(DEFAULT).orElseThrow().set(5, 0x7003);
    create(16, 30);

    assertThat(remove(SECOND)).isZero();

    assertThat(state.tables().find(SECOND)).isEmpty();
    assertThat(state.tables().find(DEFAULT).orElseThrow().get(5)).isEqualTo(0x7003);
    assertThat(state.invalidations)
        .containsExactly("domain 0x80000001 0x800000000000000+0x40000000");
    assertThat(remove(SECOND)).isEqualTo(PARAMETER);
  }

  @Test
  void removingTheLastWindowBringsTheDefaultOneBackUnlessThatWasIt() {
    create(16, 30);
    assertThat(remove(DEFAULT)).isZero();
    assertThat(state.tables().find(DEFAULT)).isEmpty();

    assertThat(remove(SECOND)).isZero();
    assertWindow(DEFAULT, 0, 12, 262_144);

    state.endpoint(Map.of());
    assertThat(remove(DEFAULT)).isZero();
    assertThat(state.tables().all()).isEmpty();
    assertThat(query()[1]).isEqualTo(2);
    assertThat(create(16, 20)).containsExactly(0, (int) DEFAULT, 0, 0);
    assertWindow(DEFAULT, 0, 16, 16);
  }

  @Test
  void windowsNeverOverlap() {
    create(16, 30);
    remove(DEFAULT);

    assertThat(create(12, 30)).containsExactly(0, (int) DEFAULT, 0, 0);

    assertWindow(DEFAULT, 0, 12, 1 << 18);
    assertWindow(SECOND, 1L << 59, 16, 1 << 14);
  }

  @Test
  void resettingReturnsToTheDefaultWindowEmpty() {
    create(24, 28);
    state.tables().find(DEFAULT).orElseThrow().set(5, 0x7003);

    assertThat(call(0x2029, 1, 0, BUID_HIGH, BUID_LOW)).containsExactly(0);

    assertThat(state.tables().all()).hasSize(1);
    assertThat(state.tables().find(DEFAULT).orElseThrow().get(5)).isZero();
    assertThat(state.invalidations)
        .containsExactly(
            "domain 0x80000000 0x0+0x40000000", "domain 0x80000001 0x800000000000000+0x10000000");
  }

  @Test
  void anUnknownBridgeOrWindowIsAnInvalidParameter() {
    assertThat(call(0x2026, 6, 0, BUID_HIGH, BUID_LOW + 1)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2026, 6, 0, 0, BUID_LOW)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2026, 6, 0, -1, -1)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2027, 4, 0, BUID_HIGH, BUID_LOW + 0x10000, 16, 30)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2029, 1, 0, BUID_HIGH, BUID_LOW - 1)).containsExactly(PARAMETER);
    assertThat(remove(0x8000_0100L)).isEqualTo(PARAMETER);
    state.tables().create(0x8000_0002L, 1, Map.of("bus_offset", 0L, "page_shift", 12L));
    assertThat(remove(0x8000_0002L)).as("no such window").isEqualTo(PARAMETER);
    assertThat(remove(0)).isEqualTo(PARAMETER);
  }

  @Test
  void aBridgeIsKnownByADeviceBehindIt() {
    state.endpoint(Map.of("liobn", "80000500"));
    state.endpoint(Map.of("liobn", "what"));

    assertThat(call(0x2026, 6, 0, BUID_HIGH, BUID_LOW + 5)).startsWith(0, 2);
    assertThat(call(0x2029, 1, 0, BUID_HIGH, BUID_LOW + 5)).containsExactly(0);
    assertThat(state.tables().find(0x8000_0500L)).isPresent();
  }

  @Test
  void wrongCountsOfCellsAreInvalidParameters() {
    assertThat(call(0x2026, 4, 0, BUID_HIGH, BUID_LOW)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2026, 7, 0, BUID_HIGH, BUID_LOW)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2026, 6, 0, BUID_HIGH)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2027, 3, 0, BUID_HIGH, BUID_LOW, 16, 30)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2027, 4, 0, BUID_HIGH, BUID_LOW, 16)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2028, 2, (int) DEFAULT)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2028, 1)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2029, 2, 0, BUID_HIGH, BUID_LOW)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2029, 1, 0, BUID_HIGH, BUID_LOW, 0)[0]).isEqualTo(PARAMETER);
    assertThat(call(0x2028, 0, (int) SECOND)).isEmpty();
    assertThat(state.tables().all()).hasSize(1);
  }

  @Test
  void anUnknownTokenIsRefusedTwice() {
    cell(BLOCK, 0, 0x2025);
    cell(BLOCK, 1, 0);
    cell(BLOCK, 2, 1);

    assertThat(calls.call(BLOCK)).isEqualTo(-4);

    assertThat(state.memory().getBe32(state.memory().offsetOf(BLOCK + 12, 4))).isEqualTo(PARAMETER);
  }

  @Test
  void aBlockThatIsNotInMemoryOrCountsTooMuchIsRefusedAndNothingWritten() {
    assertThat(calls.call(TableState.MEMORY)).isEqualTo(-4);
    assertThat(calls.call(TableState.MEMORY - 8)).isEqualTo(-4);
    assertThat(calls.call(-8)).isEqualTo(-4);
    long end = TableState.MEMORY - 12;
    cell(end, 0, 0x2028);
    cell(end, 1, 1);
    cell(end, 2, 1);
    assertThat(calls.call(end)).isEqualTo(-4);
    for (int count : new int[] {17, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      cell(BLOCK, 0, 0x2028);
      cell(BLOCK, 1, count);
      cell(BLOCK, 2, 1);
      assertThat(calls.call(BLOCK)).isEqualTo(-4);
      cell(BLOCK, 1, 1);
      cell(BLOCK, 2, count);
      assertThat(calls.call(BLOCK)).isEqualTo(-4);
    }
    assertThat(state.tables().all()).hasSize(1);
  }

  @Test
  void theHypervisorPassesItsFirmwareCallsOn() {
    PlatformHypercalls all =
        new PlatformHypercalls(state, new WindowTable(state.tables()), DdwRules.NEWEST);
    cell(BLOCK, 0, 0x2029);
    cell(BLOCK, 1, 3);
    cell(BLOCK, 2, 1);
    cell(BLOCK, 4, BUID_HIGH);
    cell(BLOCK, 5, BUID_LOW);
    cell(BLOCK, 6, UNTOUCHED);
    long[] registers = {0xf000, BLOCK, 0, 0, 0};
    all.call(registers);
    assertThat(registers[0]).isZero();
    assertThat(state.memory().getBe32(state.memory().offsetOf(BLOCK + 24, 4))).isZero();

    long[] put = {0x20, DEFAULT, 0x5000, 0x9003, 0};
    all.call(put);
    assertThat(put[0]).isZero();
    assertThat(state.tables().find(DEFAULT).orElseThrow().get(5)).isEqualTo(0x9003);
  }

  @Test
  void statusesHaveWords() {
    assertThat(RtasStatus.describe(0)).isEqualTo("success");
    assertThat(RtasStatus.describe(-1)).isEqualTo("hardware error");
    assertThat(RtasStatus.describe(-2)).isEqualTo("busy");
    assertThat(RtasStatus.describe(-3)).isEqualTo("invalid parameter");
    assertThat(RtasStatus.describe(9902)).isEqualTo("long busy, again in 100 ms");
    assertThat(RtasStatus.describe(7)).isEqualTo("status 7");
    assertThat(RtasLayout.name(0x2026)).isEqualTo("ibm,query-pe-dma-window");
    assertThat(RtasLayout.name(0x2027)).isEqualTo("ibm,create-pe-dma-window");
    assertThat(RtasLayout.name(0x2028)).isEqualTo("ibm,remove-pe-dma-window");
    assertThat(RtasLayout.name(0x2029)).isEqualTo("ibm,reset-pe-dma-window");
    assertThat(RtasLayout.name(1)).isEmpty();
  }
}
