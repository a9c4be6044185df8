package aperture.arch.ppc.phb;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the walker answers, and why it does not. */
class PhbWalkerTest {

  private static final long TABLE = 0x10_0000;
  private static final long SECOND = 0x11_0000;
  private static final int REQUESTER = 0x108;
  private static final int PE = 7;

  private final PhbFixture bridge = new PhbFixture(PhbModel.PHB4);

  @AfterEach
  void close() {
    bridge.close();
  }

  private void oneLevel(int pageShift) {
    bridge.pe(REQUESTER, PE);
    bridge.tve(2 * PE, TveLayout.translating(TABLE, 1, 9, pageShift));
  }

  private void assertFault(long iova, Access access, FaultKind kind, int reason, String words) {
    WalkResult result = bridge.walk(REQUESTER, iova, access);
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(result.faultKind()).isEqualTo(kind);
    assertThat(result.faultReason()).isEqualTo(reason);
    assertThat(result.faultText()).contains(words);
    assertThat(result.recorded()).as("nobody gave a table for errors").isFalse();
  }

  @Test
  void aRequesterLeadsToItsPeItsWindowAndItsPage() {
    oneLevel(12);
    bridge.put64(TABLE + 5 * 8, 0x77003L);

    WalkResult result = bridge.walk(REQUESTER, 0x5123, Access.WRITE);

    assertThat(result.gpaOf(0x5123)).isEqualTo(0x77123);
    assertThat(result.size()).isEqualTo(4096);
    assertThat(result.domain()).isEqualTo(2 * PE);
    assertThat(result.steps()).isEqualTo(3);
    assertThat(result.stepStructure(0)).isEqualTo("RTT entry");
    assertThat(result.stepAddress(0)).isEqualTo(PhbFixture.RTT + 2 * REQUESTER);
    assertThat(result.stepValue(0)).isEqualTo(PE);
    assertThat(result.stepStructure(1)).isEqualTo("TVE");
    assertThat(result.stepAddress(1)).isEqualTo(2 * PE);
    assertThat(result.stepStructure(2)).isEqualTo("TCE");
    assertThat(result.stepAddress(2)).isEqualTo(TABLE + 40);
  }

  @Test
  void everyPageSizeOfTheModelAnswersForItsPage() {
    for (int shift : new int[] {12, 16, 21, 30}) {
      oneLevel(shift);
      bridge.put64(TABLE + 2 * 8, 9L << shift | 1);
      long iova = (3L << shift) - 1;

      WalkResult result = bridge.walk(REQUESTER, iova, Access.READ);

      assertThat(result.size()).isEqualTo(1L << shift);
      assertThat(result.gpaOf(iova)).isEqualTo((10L << shift) - 1);
      assertThat(result.permission()).isEqualTo(Permission.READ);
    }
    for (int shift : new int[] {13, 24, 28, 42}) {
      oneLevel(shift);
      assertFault(0, Access.READ, FaultKind.MALFORMED, 16, "makes no sense");
    }
  }

  @Test
  void theOtherModelHasOtherPagesFewerPesAndNoMarkOfPassing() {
    try (PhbFixture older = new PhbFixture(PhbModel.PHB3)) {
      older.pe(REQUESTER, 255);
      for (int shift : new int[] {12, 16, 24, 28}) {
        older.tve(510, TveLayout.translating(TABLE, 1, 9, shift));
        older.put64(TABLE, 3);
        assertThat(older.walk(REQUESTER, 0, Access.READ).size()).isEqualTo(1L << shift);
      }
      older.tve(510, TveLayout.translating(TABLE, 1, 9, 21));
      assertThat(older.walk(REQUESTER, 0, Access.READ).faultKind()).isEqualTo(FaultKind.MALFORMED);
      older.tve(511, TveLayout.passing(PhbModel.PHB3, 0, 1L << 24));
      assertThat(older.walk(REQUESTER, 1L << 59, Access.READ).outcome())
          .isEqualTo(WalkResult.Outcome.TRANSLATED);
      older.pe(REQUESTER, 256);
      assertThat(older.walk(REQUESTER, 0, Access.READ).faultText()).contains("no PE");
    }
  }

  @Test
  void fiveLevelsLeadToAPage() {
    bridge.pe(REQUESTER, PE);
    bridge.tve(2 * PE, TveLayout.translating(TABLE, 5, 9, 12));
    long iova = 1L << 48 | 2L << 39 | 3L << 30 | 4L << 21 | 5L << 12 | 0x678;
    long[] index = {1, 2, 3, 4};
    for (int level = 0; level < 4; level++) {
      // The rights of a pointer limit nothing: one of them is enough.
      bridge.put64(TABLE + level * 0x1000L + index[level] * 8, TABLE + (level + 1) * 0x1000L | 1);
    }
    bridge.put64(TABLE + 0x4000 + 5 * 8, 0x99002L);

    WalkResult result = bridge.walk(REQUESTER, iova, Access.WRITE);

    assertThat(result.gpaOf(iova)).isEqualTo(0x99678);
    assertThat(result.permission()).isEqualTo(Permission.WRITE);
    assertThat(result.steps()).isEqualTo(7);
    assertFault(iova, Access.READ, FaultKind.DENIED, 19, "lacks the right");
    bridge.put64(TABLE + 0x2000 + 3 * 8, TABLE + 0x3000);
    assertFault(iova, Access.WRITE, FaultKind.UNMAPPED, 18, "no rights");
  }

  @Test
  void moreThanFiveLevelsMakeNoSense() {
    bridge.pe(REQUESTER, PE);
    for (int levels = 6; levels <= 8; levels++) {
      bridge.tve(2 * PE, TveLayout.translating(TABLE, levels, 9, 12));
      assertFault(0, Access.READ, FaultKind.MALFORMED, 16, "makes no sense");
    }
  }

  @Test
  void aTableThatPointsToItselfEnds() {
    bridge.pe(REQUESTER, PE);
    bridge.tve(2 * PE, TveLayout.translating(TABLE, 5, 9, 12));
    bridge.put64(TABLE, TABLE | 3);

    assertThat(bridge.walk(REQUESTER, 0, Access.READ).gpaOf(0)).isEqualTo(TABLE);
  }

  @Test
  void anAddressBeyondTheTablesIsNotFolded() {
    oneLevel(12);
    bridge.put64(TABLE, 0x5003);

    assertFault(512 << 12, Access.READ, FaultKind.ADDRESS_SIZE, 16, "beyond the window's tables");
    assertFault(1L << 58, Access.READ, FaultKind.ADDRESS_SIZE, 16, "beyond the window's tables");
  }

  @Test
  void theLargestShapeThatAnEntryCanNameStaysWithinBounds() {
    bridge.pe(REQUESTER, PE);
    bridge.tve(2 * PE, TveLayout.translating(TABLE, 5, 39, 30));
    bridge.put64(TABLE, TABLE | 3);
    assertThat(bridge.walk(REQUESTER, 0, Access.READ).outcome())
        .isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertFault((1L << 59) - 1, Access.READ, FaultKind.TABLE_READ, 16, "not in memory");
  }

  @Test
  void aTableOutsideMemoryIsAFaultOfItsOwnKind() {
    bridge.pe(REQUESTER, PE);
    bridge.tve(2 * PE, TveLayout.translating(TableState.MEMORY, 1, 9, 12));
    assertFault(0, Access.READ, FaultKind.TABLE_READ, 16, "not in memory");
    bridge.tve(2 * PE, TveLayout.translating(TABLE, 2, 9, 12));
    bridge.put64(TABLE, -4096L | 3);
    assertFault(0, Access.READ, FaultKind.TABLE_READ, 16, "not in memory");
  }

  @Test
  void aWindowThatPassesDoesSoWithinItsBoundsOnly() {
    bridge.pe(REQUESTER, PE);
    bridge.tve(2 * PE + 1, TveLayout.passing(PhbModel.PHB4, 1L << 24, 3L << 24));
    long base = 1L << 59;

    WalkResult result = bridge.walk(REQUESTER, base + 0x123_4567, Access.WRITE);

    assertThat(result.gpaOf(base + 0x123_4567)).isEqualTo(0x123_4567);
    assertThat(result.domain()).isEqualTo(2 * PE + 1);
    for (long outside : new long[] {0, (1 << 24) - 1, 3 << 24, 1L << 50, 1L << 58}) {
      assertFault(base + outside, Access.READ, FaultKind.ADDRESS_SIZE, 16, "outside what");
    }
    bridge.tve(2 * PE + 1, TveLayout.passing(PhbModel.PHB3, 0, 3L << 24));
    assertFault(base, Access.READ, FaultKind.MALFORMED, 16, "makes no sense");
  }

  @Test
  void bit59SelectsTheWindow() {
    oneLevel(12);
    bridge.put64(TABLE, 0x5003);
    bridge.tve(2 * PE + 1, TveLayout.translating(SECOND, 1, 9, 16));
    bridge.put64(SECOND, 0x60003);

    assertThat(bridge.walk(REQUESTER, 0, Access.READ).gpaBase()).isEqualTo(0x5000);
    assertThat(bridge.walk(REQUESTER, 1L << 59, Access.READ).gpaBase()).isEqualTo(0x60000);
    assertThat(bridge.walk(REQUESTER, 1L << 59, Access.READ).iovaBase()).isEqualTo(1L << 59);
  }

  @Test
  void anEmptyWindowAMessageAndANoAddressFault() {
    bridge.pe(REQUESTER, PE);
    assertFault(0, Access.READ, FaultKind.UNMAPPED, 16, "not set up");
    assertFault(0xffff_0000L, Access.WRITE, FaultKind.RESERVED, 16, "message");
    assertFault(0xffff_ffffL, Access.WRITE, FaultKind.RESERVED, 16, "message");
    assertFault(0x1_ffff_0000L, Access.WRITE, FaultKind.UNMAPPED, 16, "not set up");
    assertFault(1L << 60, Access.WRITE, FaultKind.RESERVED, 16, "message");
    assertFault(2L << 60, Access.WRITE, FaultKind.ADDRESS_SIZE, 16, "neither");
    assertFault(-1, Access.WRITE, FaultKind.ADDRESS_SIZE, 16, "neither");
    bridge.registers.write(0x160, 0);
    assertFault(0xffff_0000L, Access.WRITE, FaultKind.UNMAPPED, 16, "not set up");
  }

  @Test
  void aRequesterThatNobodyKnowsIsBlocked() {
    bridge.pe(REQUESTER, 512);
    assertFault(0, Access.READ, FaultKind.MALFORMED, -1, "no PE");
    bridge.registers.write(0x168, 1L << 63 | TableState.MEMORY);
    assertFault(0, Access.READ, FaultKind.TABLE_READ, -1, "requester table");
    bridge.registers.write(0x168, PhbFixture.RTT);
    assertFault(0, Access.READ, FaultKind.BLOCKED, -1, "no requester table");
  }

  @Test
  void withoutTablesInsideTheBridgeNothingIsSetUp() {
    oneLevel(12);
    bridge.state.tables().clear();

    assertFault(0, Access.READ, FaultKind.UNMAPPED, 16, "not set up");
  }
}
