package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each thing that can be wrong with the tables gives the documented reason. */
class VtdWalkerFaultTest {

  private static final long IOVA = HandmadeTables.IOVA;
  private static final long LEAF_ENTRY = HandmadeTables.LOW + 3 * 8;
  private static final long OUTSIDE = 0x1_0000_0000L;

  private final BareState state = new BareState();
  private HandmadeTables tables;

  @BeforeEach
  void build() {
    tables = HandmadeTables.threeLevels(state);
    assertThat(tables.read(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @AfterEach
  void close() {
    state.close();
  }

  private static void assertFault(WalkResult result, int reason, FaultKind kind) {
    assertThat(result.outcome()).isEqualTo(Outcome.FAULT);
    assertThat(result.faultReason()).isEqualTo(reason);
    assertThat(result.faultKind()).isEqualTo(kind);
    assertThat(result.recorded()).isEqualTo(reason >= 0);
  }

  @Test
  void rootEntryNotPresent() {
    state.put(HandmadeTables.ROOT + 3 * 16, HandmadeTables.CONTEXT);
    assertFault(tables.read(IOVA), 1, FaultKind.BLOCKED);
  }

  @Test
  void rootTableOutsideMemory() {
    state.registers().set("RTADDR", OUTSIDE);
    assertFault(tables.read(IOVA), 8, FaultKind.TABLE_READ);
  }

  @Test
  void reservedBitsOfTheRootEntry() {
    for (int bit = 1; bit < 12; bit++) {
      state.put(HandmadeTables.ROOT + 3 * 16, HandmadeTables.CONTEXT | 1 | 1L << bit);
      assertFault(tables.read(IOVA), 0xa, FaultKind.MALFORMED);
    }
    for (int bit = 39; bit < 64; bit++) {
      state.put(HandmadeTables.ROOT + 3 * 16, HandmadeTables.CONTEXT | 1 | 1L << bit);
      assertFault(tables.read(IOVA), 0xa, FaultKind.MALFORMED);
    }
    state.put(HandmadeTables.ROOT + 3 * 16, HandmadeTables.CONTEXT | 1);
    for (int bit = 0; bit < 64; bit++) {
      state.put(HandmadeTables.ROOT + 3 * 16 + 8, 1L << bit);
      assertFault(tables.read(IOVA), 0xa, FaultKind.MALFORMED);
    }
  }

  @Test
  void contextTableOutsideMemory() {
    state.put(HandmadeTables.ROOT + 3 * 16, OUTSIDE | 1);
    assertFault(tables.read(IOVA), 9, FaultKind.TABLE_READ);
  }

  @Test
  void contextEntryNotPresent() {
    state.put(tables.contextEntry, HandmadeTables.TOP);
    assertFault(tables.read(IOVA), 2, FaultKind.BLOCKED);
  }

  @Test
  void reservedBitsOfTheContextEntry() {
    for (int bit = 4; bit < 64; bit = bit == 11 ? 39 : bit + 1) {
      state.put(tables.contextEntry, HandmadeTables.TOP | 1 | 1L << bit);
      assertFault(tables.read(IOVA), 0xb, FaultKind.MALFORMED);
    }
    state.put(tables.contextEntry, HandmadeTables.TOP | 1);
    for (int bit = 7; bit < 64; bit = bit == 7 ? 24 : bit + 1) {
      state.put(tables.contextEntry + 8, 0x601 | 1L << bit);
      assertFault(tables.read(IOVA), 0xb, FaultKind.MALFORMED);
    }
  }

  @Test
  void widthThatTheUnitDoesNotHave() {
    for (int code : new int[] {0, 2, 3, 4, 7}) {
      state.put(tables.contextEntry + 8, 0x600 | code);
      assertFault(tables.read(IOVA), 3, FaultKind.MALFORMED);
    }
  }

  @Test
  void translationTypeThatTheUnitDoesNotHave() {
    state.put(tables.contextEntry, HandmadeTables.TOP | 1 | 3 << 2);
    assertFault(tables.read(IOVA), 3, FaultKind.MALFORMED);
    state.put(tables.contextEntry, HandmadeTables.TOP | 1 | 1 << 2);
    assertFault(tables.read(IOVA), 3, FaultKind.MALFORMED);
    state.registers().set("ECAP", HandmadeTables.ECAP | 4);
    assertThat(tables.read(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);

    state.put(tables.contextEntry, 1 | 2 << 2);
    assertThat(tables.read(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);
    state.registers().set("ECAP", HandmadeTables.ECAP & ~0x40);
    assertFault(tables.read(IOVA), 3, FaultKind.MALFORMED);
  }

  @Test
  void addressBeyondTheDomain() {
    assertFault(tables.read(1L << 39), 4, FaultKind.ADDRESS_SIZE);
    assertFault(tables.write(-1L), 4, FaultKind.ADDRESS_SIZE);
    assertFault(tables.read(IOVA | 1L << 63), 4, FaultKind.ADDRESS_SIZE);

    state.registers().set("CAP", HandmadeTables.CAP_48);
    assertFault(tables.read(1L << 39), 4, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void passThroughAddressBeyondTheHost() {
    state.put(tables.contextEntry, 9);
    assertThat(tables.read((1L << 39) - 1).outcome()).isEqualTo(Outcome.TRANSLATED);
    assertFault(tables.read(1L << 39), 4, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void topTableOutsideMemory() {
    state.put(tables.contextEntry, OUTSIDE | 1);
    assertFault(tables.read(IOVA), 3, FaultKind.TABLE_READ);
  }

  @Test
  void lowerTableOutsideMemory() {
    state.put(HandmadeTables.TOP + 8, OUTSIDE | 3);
    assertFault(tables.read(IOVA), 7, FaultKind.TABLE_READ);
    state.put(HandmadeTables.TOP + 8, HandmadeTables.MIDDLE | 3);
    state.put(HandmadeTables.MIDDLE + 8, OUTSIDE | 3);
    assertFault(tables.write(IOVA), 7, FaultKind.TABLE_READ);
  }

  @Test
  void notPresentAtEveryLevel() {
    for (long entry : new long[] {HandmadeTables.TOP + 8, HandmadeTables.MIDDLE + 8, LEAF_ENTRY}) {
      long good = state.get(entry);
      state.put(entry, good & ~3);
      assertFault(tables.read(IOVA), 6, FaultKind.UNMAPPED);
      assertFault(tables.write(IOVA), 5, FaultKind.UNMAPPED);
      state.put(entry, good);
    }
  }

  @Test
  void permissionMissingAtEveryLevel() {
    for (long entry : new long[] {HandmadeTables.TOP + 8, HandmadeTables.MIDDLE + 8, LEAF_ENTRY}) {
      long good = state.get(entry);
      state.put(entry, good & ~2);
      assertFault(tables.write(IOVA), 5, FaultKind.DENIED);
      state.put(entry, good & ~1);
      assertFault(tables.read(IOVA), 6, FaultKind.DENIED);
      state.put(entry, good);
    }
  }

  @Test
  void reservedBitsAtEveryLevel() {
    for (long entry : new long[] {HandmadeTables.TOP + 8, HandmadeTables.MIDDLE + 8, LEAF_ENTRY}) {
      long good = state.get(entry);
      for (int bit = 39; bit < 52; bit++) {
        state.put(entry, good | 1L << bit);
        assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
      }
      state.put(entry, good | 1L << 11);
      assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
      state.put(entry, good | 1L << 62);
      assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
      state.put(entry, good);
    }
  }

  @Test
  void permissionIsTestedBeforeReservedBits() {
    state.put(LEAF_ENTRY, 0x7654001 | 0x800);
    assertFault(tables.write(IOVA), 5, FaultKind.DENIED);
    assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
  }

  @Test
  void anEntryOfAllOnesIsMalformed() {
    state.put(LEAF_ENTRY, -1L);
    assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
  }

  @Test
  void largePageNotAligned() {
    for (int bit = 12; bit < 21; bit++) {
      state.put(HandmadeTables.MIDDLE + 8, 0x40_0000 | 1L << bit | 0x83);
      assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
    }
    for (int bit = 12; bit < 30; bit++) {
      state.put(HandmadeTables.TOP + 8, 1L << bit | 0x83);
      assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
    }
  }

  @Test
  void largePageAtALevelThatHasNone() {
    state.registers().set("CAP", HandmadeTables.CAP_48);
    state.put(tables.contextEntry + 8, 0x602);
    state.put(HandmadeTables.TOP, 0x83);
    assertFault(tables.read(0), 0xc, FaultKind.MALFORMED);
  }

  @Test
  void largePagesThatTheUnitDoesNotHave() {
    state.put(HandmadeTables.MIDDLE + 8, 0x83);
    assertThat(tables.read(IOVA).size()).isEqualTo(2 << 20);
    state.registers().set("CAP", HandmadeTables.CAP_39 & ~(1L << 34));
    assertFault(tables.read(IOVA), 0xc, FaultKind.MALFORMED);
  }

  @Test
  void translationLeadsToTheInterruptRange() {
    state.put(LEAF_ENTRY, 0xfeef_f003L);
    assertFault(tables.write(IOVA), 0xe, FaultKind.RESERVED);
    state.put(LEAF_ENTRY, 0xfef0_0003L);
    assertThat(tables.write(IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void requestToTheInterruptRangeIsNoDma() {
    for (long iova : new long[] {0xfee0_0000L, 0xfeef_ffffL}) {
      assertFault(tables.write(iova), -1, FaultKind.RESERVED);
      assertFault(tables.read(iova), -1, FaultKind.RESERVED);
    }
    assertFault(tables.read(0xfedf_ffffL), 6, FaultKind.UNMAPPED);
    assertFault(tables.read(0xfef0_0000L), 6, FaultKind.UNMAPPED);
  }

  @Test
  void abortModeBlocksEverything() {
    state.registers().set("RTADDR", HandmadeTables.ROOT | 0xc00);
    assertFault(tables.read(IOVA), 0x30, FaultKind.BLOCKED);
    state.registers().set("ECAP", HandmadeTables.ECAP | 1L << 52);
    assertFault(tables.read(IOVA), 0x33, FaultKind.BLOCKED);
  }

  @Test
  void aTableThatPointsToItselfEnds() {
    state.put(HandmadeTables.TOP + 8, HandmadeTables.TOP | 3);
    WalkResult result = tables.read(0x4020_1000L);
    assertThat(result.outcome()).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.gpaBase()).isEqualTo(HandmadeTables.TOP);
  }

  @Test
  void aDeviceThatTheTablesDoNotKnowIsBlocked() {
    assertFault(
        BareState.walk(tables.attach().walker(), state.endpoint(4, 1), IOVA, Access.READ),
        1,
        FaultKind.BLOCKED);
    assertFault(
        BareState.walk(tables.attach().walker(), state.endpoint(3, 6), IOVA, Access.READ),
        2,
        FaultKind.BLOCKED);
    assertFault(
        BareState.walk(tables.attach().walker(), state.endpoint(0x103, 5), IOVA, Access.READ),
        1,
        FaultKind.BLOCKED);
  }

  @Test
  void qualifiedFaultsAreNotRecordedWhereTheContextEntrySaysSo() {
    state.put(tables.contextEntry, HandmadeTables.TOP | 3);
    assertThat(tables.read(0x1000).faultReason()).isEqualTo(6);
    assertThat(tables.read(0x1000).recorded()).isFalse();
    assertThat(tables.read(1L << 39).recorded()).isFalse();
    state.put(tables.contextEntry, HandmadeTables.TOP | 2);
    assertThat(tables.read(0x1000).faultReason()).isEqualTo(2);
    assertThat(tables.read(0x1000).recorded()).isFalse();
    state.put(tables.contextEntry, HandmadeTables.TOP | 3 | 0x10);
    assertThat(tables.read(0x1000).faultReason()).isEqualTo(0xb);
    assertThat(tables.read(0x1000).recorded()).isTrue();
  }
}
