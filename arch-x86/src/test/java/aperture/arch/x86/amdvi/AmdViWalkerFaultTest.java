package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.HandmadeTables.IOVA;
import static aperture.arch.x86.amdvi.HandmadeTables.LOW;
import static aperture.arch.x86.amdvi.HandmadeTables.MIDDLE;
import static aperture.arch.x86.amdvi.HandmadeTables.R;
import static aperture.arch.x86.amdvi.HandmadeTables.ROOT;
import static aperture.arch.x86.amdvi.HandmadeTables.RW;
import static aperture.arch.x86.amdvi.HandmadeTables.W;
import static aperture.arch.x86.amdvi.HandmadeTables.mode;
import static aperture.arch.x86.amdvi.HandmadeTables.next;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must fault, and with which event. */
class AmdViWalkerFaultTest {

  private static final int ILLEGAL_ENTRY = 0x1000;
  private static final int NOT_PRESENT = 0x2000;
  private static final int LEVEL = 0x2010;
  private static final int DENIED = 0x2050;
  private static final int RESERVED = 0x2090;

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private static void assertFaults(WalkResult result, FaultKind kind, int reason) {
    assertThat(result.outcome()).isEqualTo(Outcome.FAULT);
    assertThat(result.faultKind()).as(result.faultText()).isEqualTo(kind);
    assertThat(result.faultReason()).as(result.faultText()).isEqualTo(reason);
    assertThat(result.recorded()).isEqualTo(reason != -1);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void anEntryThatIsNotPresentFaultsAtEveryLevel(int step) {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    long[] entries = {ROOT + 8, MIDDLE + 8, LOW + 3 * 8};
    state.put(entries[step], state.get(entries[step]) & ~1);

    WalkResult result = tables.read(IOVA);

    assertFaults(result, FaultKind.UNMAPPED, NOT_PRESENT);
    assertThat(result.toFault(tables.endpoint, IOVA, Access.READ).structureAddress())
        .isEqualTo(entries[step]);
  }

  @Test
  void anEntryWithPermissionsButNotPresentIsNotPresent() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(LOW + 3 * 8, 0x7ff0_0000_0765_4000L);

    assertFaults(tables.read(IOVA), FaultKind.UNMAPPED, NOT_PRESENT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void permissionMissingAtAnyLevelDenies(int step) {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    long[] entries = {ROOT + 8, MIDDLE + 8, LOW + 3 * 8};
    long whole = state.get(entries[step]);

    state.put(entries[step], whole & ~RW | R);
    assertFaults(tables.write(IOVA), FaultKind.DENIED, DENIED);
    assertThat(tables.read(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);
    state.put(entries[step], whole & ~RW | W);
    assertFaults(tables.read(IOVA), FaultKind.DENIED, DENIED);
    assertThat(tables.write(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void permissionMissingInTheDeviceTableEntryDenies() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);

    state.put(tables.entry, mode(3) & ~(1L << 62));

    assertFaults(tables.write(IOVA), FaultKind.DENIED, DENIED);
    assertThat(tables.read(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void anEntryOfModeZeroWithoutPermissionsBlocks() {
    HandmadeTables tables = new HandmadeTables(state, 3);

    assertFaults(tables.read(IOVA), FaultKind.DENIED, DENIED);
    assertFaults(tables.write(IOVA), FaultKind.DENIED, DENIED);
  }

  @ParameterizedTest
  @ValueSource(ints = {52, 53, 54, 55, 56, 57, 58})
  void aReservedBitFaultsInAPageAndInATable(int bit) {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(LOW + 3 * 8, 0x765_4000L | RW | 1L << bit);
    assertFaults(tables.read(IOVA), FaultKind.MALFORMED, RESERVED);

    for (long at : new long[] {ROOT + 8, MIDDLE + 8}) {
      long whole = state.get(at);
      state.put(at, whole | 1L << bit);
      assertFaults(tables.read(IOVA), FaultKind.MALFORMED, RESERVED);
      state.put(at, whole);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {59, 60})
  void whatAPageMayHaveIsReservedInATable(int bit) {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(MIDDLE + 8, LOW | next(1) | RW | 1L << bit);

    assertFaults(tables.read(IOVA), FaultKind.MALFORMED, RESERVED);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2", "0, 3", "0, 4", "0, 5", "0, 6", "0, 63", "2, 52", "2, 53", "3, 0", "3, 7", "3, 14",
    "3, 48", "3, 53"
  })
  void aReservedBitOfADeviceTableEntryIsIllegalWhateverVSays(int quad, int bit) {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    long at = tables.entry + quad * 8L;
    state.put(at, state.get(at) | 1L << bit);

    assertFaults(tables.read(IOVA), FaultKind.MALFORMED, ILLEGAL_ENTRY | 0x80);
    state.put(tables.entry, state.get(tables.entry) & ~1);
    WalkResult result = tables.read(IOVA);
    assertFaults(result, FaultKind.MALFORMED, ILLEGAL_ENTRY | 0x80);
    assertThat(result.toFault(tables.endpoint, IOVA, Access.READ).structureAddress()).isEqualTo(at);
  }

  @Test
  void modeSevenIsAnIllegalEntry() {
    HandmadeTables tables = new HandmadeTables(state, mode(7));

    assertFaults(tables.read(IOVA), FaultKind.MALFORMED, ILLEGAL_ENTRY);
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "1, 5", "2, 6"})
  void moreLevelsThanTheFeaturesSayAreIllegal(long hats, int most) {
    HandmadeTables tables = new HandmadeTables(state, mode(most));
    state.registers().set("EXT_FEATURES", 0x21d3 | hats << 10);
    state.put(ROOT, RW);

    assertThat(tables.read(0).outcome()).isEqualTo(Outcome.TRANSLATED);
    state.put(tables.entry, mode(most + 1));
    assertFaults(tables.read(0), FaultKind.MALFORMED, ILLEGAL_ENTRY);
  }

  @Test
  void translationInformationThatIsNotValidMeansNoAccessAndNoEvent() {
    HandmadeTables tables = new HandmadeTables(state, mode(3) & ~2);

    assertFaults(tables.read(IOVA), FaultKind.BLOCKED, -1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void anAddressBeyondTheModeFaultsAndDoesNotWrap(int levels) {
    HandmadeTables tables = new HandmadeTables(state, mode(levels));
    for (int i = 0; i < 512; i++) {
      state.put(ROOT + i * 8L, RW);
    }
    int width = 12 + 9 * levels;

    assertThat(tables.read((1L << width) - 1).outcome()).isEqualTo(Outcome.TRANSLATED);
    assertFaults(tables.read(1L << width), FaultKind.ADDRESS_SIZE, NOT_PRESENT);
    assertFaults(tables.read(-1L), FaultKind.ADDRESS_SIZE, NOT_PRESENT);
  }

  @Test
  void theNextLevelMustFall() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    for (int level = 2; level <= 6; level++) {
      state.put(MIDDLE + 8, LOW | next(level) | RW);
      assertFaults(tables.read(IOVA), FaultKind.MALFORMED, LEVEL);
    }
  }

  @Test
  void aTableThatPointsToItselfEndsAtOnce() {
    HandmadeTables tables = new HandmadeTables(state, mode(3));
    state.put(ROOT + 8, ROOT | next(3) | RW);

    assertFaults(tables.read(IOVA), FaultKind.MALFORMED, LEVEL);
  }

  @ParameterizedTest
  @ValueSource(ints = {21, 24, 29, 30, 38})
  void anAddressBitOfASkippedLevelFaults(int bit) {
    HandmadeTables tables = new HandmadeTables(state, mode(4));
    state.put(ROOT + 8, LOW | next(1) | RW);
    state.put(LOW, RW);
    long iova = 1L << 39;

    assertThat(tables.read(iova).outcome()).isEqualTo(Outcome.TRANSLATED);
    assertFaults(tables.read(iova | 1L << bit), FaultKind.MALFORMED, LEVEL);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0x00ff000", // 2 MiB: the size of the next level
    "1, 0x03ff000", // beyond the next level
    "2, 0x0000000", // 8 KiB: below this level's own size
    "2, 0x00ff000", // 2 MiB: this level's own size, which next level 0 says
    "2, 0x1ffff000" // 1 GiB
  })
  void aStatedSizeThatDoesNotBelongToTheLevelFaults(int level, String ones) {
    HandmadeTables tables = new HandmadeTables(state, mode(level));
    state.put(ROOT, Long.decode(ones) | next(7) | RW);

    assertFaults(tables.read(0), FaultKind.MALFORMED, LEVEL);
  }

  @Test
  void aRequesterBeyondTheDeviceTableFaults() {
    HandmadeTables tables = new HandmadeTables(state, mode(0));
    Endpoint last = Endpoint.pci(1, 0, 31, 7);
    Endpoint beyond = Endpoint.pci(2, 1, 0, 0);
    state.put(HandmadeTables.DEVICES + 255 * 32, mode(0));
    state.put(HandmadeTables.DEVICES + 256 * 32, mode(0));
    var walker = tables.attach().walker();

    assertThat(BareState.walk(walker, last, IOVA, Access.READ).outcome())
        .isEqualTo(Outcome.TRANSLATED);
    assertFaults(BareState.walk(walker, beyond, IOVA, Access.READ), FaultKind.BLOCKED, NOT_PRESENT);
    Endpoint none = new Endpoint(3, "none", -1, java.util.Map.of());
    assertFaults(BareState.walk(walker, none, IOVA, Access.READ), FaultKind.BLOCKED, NOT_PRESENT);
  }

  @Test
  void aDeviceTableOutsideMemoryIsAnErrorOfItsOwn() {
    HandmadeTables tables = new HandmadeTables(state, mode(0));
    state.registers().set("DEVTAB", 0x4_0000_0001L);

    WalkResult result = tables.read(IOVA);

    assertFaults(result, FaultKind.TABLE_READ, 0x3200);
    assertThat(result.toFault(tables.endpoint, IOVA, Access.READ).structureAddress())
        .isEqualTo(0x4_0000_0500L);
  }

  @Test
  void aPageTableOutsideMemoryIsAnErrorOfItsOwnAtEveryLevel() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(MIDDLE + 8, 0x4_0000_0000L | next(1) | RW);
    WalkResult low = tables.read(IOVA);
    assertFaults(low, FaultKind.TABLE_READ, 0x4200);
    assertThat(low.toFault(tables.endpoint, IOVA, Access.READ).structureAddress())
        .isEqualTo(0x4_0000_0018L);

    state.put(tables.entry, 0x6000_0004_0000_0603L);
    assertFaults(tables.read(IOVA), FaultKind.TABLE_READ, 0x4200);
  }

  @Test
  void theInterruptRangeIsNoMemoryWhateverTheEntrySays() {
    for (long quad0 : new long[] {mode(0), mode(3), 0, -1L}) {
      try (BareState other = new BareState()) {
        HandmadeTables tables = new HandmadeTables(other, quad0);
        assertFaults(tables.write(0xfee0_0000L), FaultKind.RESERVED, -1);
        assertFaults(tables.read(0xfeef_ffffL), FaultKind.RESERVED, -1);
      }
    }
  }

  @Test
  void suppressionKeepsPageFaultsAwayAndNothingElse() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(tables.entry + 8, 6 | 1L << 34);

    state.put(LOW + 3 * 8, 0);
    assertThat(tables.read(IOVA).recorded()).isFalse();
    assertThat(tables.read(IOVA).faultReason()).isEqualTo(NOT_PRESENT);
    state.put(MIDDLE + 8, 0x4_0000_0000L | next(1) | RW);
    assertThat(tables.read(IOVA).recorded()).isTrue();
    state.put(tables.entry, mode(7));
    assertThat(tables.read(IOVA).recorded()).isTrue();
  }

  @Test
  void whatIsNotModelledBlocksByName() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(tables.entry, mode(3) | 3L << 54);
    assertFaults(tables.read(IOVA), FaultKind.BLOCKED, -1);
    assertThat(tables.read(IOVA).faultText()).contains("guest page tables");
    state.registers().set("EXT_FEATURES", 0x29c3);
    assertThat(tables.read(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);

    var walker = tables.attach().walker();
    state.registers().set("EXCL_BASE", 1);
    WalkResult excluded = BareState.walk(walker, tables.endpoint, IOVA, Access.READ);
    assertThat(excluded.faultText()).contains("exclusion range");
    state.registers().set("CONTROL", HandmadeTables.CONTROL | 1L << 34);
    WalkResult segmented = BareState.walk(walker, tables.endpoint, IOVA, Access.READ);
    assertThat(segmented.faultText()).contains("segments");
  }
}
