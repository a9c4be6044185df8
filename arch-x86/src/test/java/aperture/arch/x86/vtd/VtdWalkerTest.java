package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuInstance;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a walk answers when the tables are good. */
class VtdWalkerTest {

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private static void assertTranslated(
      WalkResult result, long iovaBase, long gpaBase, long size, Permission permission) {
    assertThat(result.outcome()).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.iovaBase()).isEqualTo(iovaBase);
    assertThat(result.gpaBase()).isEqualTo(gpaBase);
    assertThat(result.size()).isEqualTo(size);
    assertThat(result.permission()).isEqualTo(permission);
  }

  @Test
  void threeLevelsLeadToAPage() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);

    WalkResult result = tables.read(HandmadeTables.IOVA + 0x123);

    assertTranslated(result, HandmadeTables.IOVA, 0x7654000, 0x1000, Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(6);
    assertThat(result.gpaOf(HandmadeTables.IOVA + 0x123)).isEqualTo(0x7654123);
  }

  @Test
  void fourLevelsLeadToAPage() {
    HandmadeTables tables =
        new HandmadeTables(state, HandmadeTables.CAP_48, HandmadeTables.TOP | 1, 0x1234_02);
    state.put(HandmadeTables.TOP + 511 * 8, HandmadeTables.MIDDLE | 3);
    state.put(HandmadeTables.MIDDLE + 511 * 8, HandmadeTables.LOW | 3);
    state.put(HandmadeTables.LOW, HandmadeTables.LEAF | 3);
    state.put(HandmadeTables.LEAF + 7 * 8, 0x9000 | 3);

    WalkResult result = tables.write(0xffff_c000_7abcL);

    assertTranslated(result, 0xffff_c000_7000L, 0x9000, 0x1000, Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(0x1234);
  }

  @Test
  void fiveLevelsLeadToAPageWhereTheUnitHasThem() {
    long cap = 0xd2008c22380e06L;
    HandmadeTables tables = new HandmadeTables(state, cap, HandmadeTables.TOP | 1, 0x103);
    state.put(HandmadeTables.TOP + 256 * 8, HandmadeTables.TOP + 0x4000 | 3);
    state.put(HandmadeTables.TOP + 0x4000, HandmadeTables.MIDDLE | 3);
    state.put(HandmadeTables.MIDDLE, HandmadeTables.LOW | 3);
    state.put(HandmadeTables.LOW, HandmadeTables.LEAF | 3);
    state.put(HandmadeTables.LEAF, 0x9000 | 3);

    WalkResult result = tables.read(1L << 56);

    assertTranslated(result, 1L << 56, 0x9000, 0x1000, Permission.READ_WRITE);
  }

  @Test
  void largePagesAreAnsweredWhole() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(HandmadeTables.MIDDLE + 9 * 8, 0x2_4060_0000L | 0x80 | 3);
    state.put(HandmadeTables.TOP + 2 * 8, 0x3_c000_0000L | 0x80 | 1);

    assertTranslated(
        tables.read(0x4120_0000L + 0x12345),
        0x4120_0000L,
        0x2_4060_0000L,
        2 << 20,
        Permission.READ_WRITE);
    assertTranslated(
        tables.read(0x8000_0000L + 0x1234_5678L),
        0x8000_0000L,
        0x3_c000_0000L,
        1 << 30,
        Permission.READ);
  }

  @Test
  void permissionIsWhatEveryLevelAllows() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(HandmadeTables.MIDDLE + 8, HandmadeTables.LOW | 1);

    assertThat(tables.read(HandmadeTables.IOVA).permission()).isEqualTo(Permission.READ);
    assertThat(tables.write(HandmadeTables.IOVA).faultKind()).isEqualTo(FaultKind.DENIED);
  }

  @Test
  void writeOnlyPagesDenyReads() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(HandmadeTables.LOW + 3 * 8, 0x7654002);

    assertThat(tables.write(HandmadeTables.IOVA).permission()).isEqualTo(Permission.WRITE);
    assertThat(tables.read(HandmadeTables.IOVA).faultReason()).isEqualTo(6);
  }

  @Test
  void ignoredBitsAreIgnored() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(tables.contextEntry + 8, 0x601 | 0x78);
    state.put(HandmadeTables.TOP + 8, HandmadeTables.MIDDLE | 3 | 0xbff0_0000_0000_077cL);
    state.put(HandmadeTables.LOW + 3 * 8, 0x7654003 | 0xbff0_0000_0000_07fcL);

    assertTranslated(
        tables.read(HandmadeTables.IOVA),
        HandmadeTables.IOVA,
        0x7654000,
        0x1000,
        Permission.READ_WRITE);
  }

  @Test
  void snoopAndTransientBitsAreLegalWhereTheUnitHasThem() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(HandmadeTables.LOW + 3 * 8, 0x7654003 | 0x800 | 1L << 62);
    assertThat(tables.read(HandmadeTables.IOVA).faultReason()).isEqualTo(0xc);

    state.registers().set("ECAP", HandmadeTables.ECAP | 0x80 | 0x4);

    assertThat(tables.read(HandmadeTables.IOVA).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void withTranslationOffEverythingPasses() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.registers().set("GSTS", 0x44000000L);

    for (long iova : new long[] {0, 0xfee0_1234L, HandmadeTables.IOVA, -1L}) {
      WalkResult result = tables.write(iova);
      assertThat(result.outcome()).isEqualTo(Outcome.TRANSLATED);
      assertThat(result.gpaOf(iova)).isEqualTo(iova);
      assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
    }
  }

  @Test
  void passThroughMeansTheAddressItself() {
    HandmadeTables tables = new HandmadeTables(state, HandmadeTables.CAP_39, 0x9, 0x201);

    WalkResult result = tables.write(0x1234_5678L);

    assertThat(result.gpaOf(0x1234_5678L)).isEqualTo(0x1234_5678L);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(2);
  }

  @Test
  void noAnswerReachesAcrossTheInterruptRange() {
    HandmadeTables tables = new HandmadeTables(state, HandmadeTables.CAP_39, 0x9, 0x201);

    for (long iova : new long[] {0xfedf_ffffL, 0xfef0_0000L, 0xc000_0000L, 0x8000_0000L}) {
      WalkResult result = tables.read(iova);
      assertThat(result.iovaBase()).isLessThanOrEqualTo(iova);
      assertThat(result.iovaBase() + result.size()).isGreaterThan(iova);
      assertThat(
              result.iovaBase() >= 0xfef0_0000L
                  || result.iovaBase() + result.size() <= 0xfee0_0000L)
          .isTrue();
    }
  }

  @Test
  void aLargePageOverTheInterruptRangeIsGoodBesideIt() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(HandmadeTables.TOP + 2 * 8, 0xc000_0000L | 0x80 | 3);

    WalkResult beside = tables.read(0x8000_0000L + 0x3ed0_0000L);

    assertTranslated(beside, 0xbec0_0000L, 0xfec0_0000L, 2 << 20, Permission.READ_WRITE);
    assertThat(tables.read(0x8000_0000L + 0x3ee0_0000L).faultReason()).isEqualTo(0xe);
    assertThat(tables.read(0x8000_0000L + 0x3eef_ffffL).faultReason()).isEqualTo(0xe);
    assertThat(tables.read(0x8000_0000L + 0x3ef0_0000L).gpaBase()).isEqualTo(0xfef0_0000L);
  }

  @Test
  void everyStructureReadIsNotedWithItsAddress() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    IommuInstance instance = tables.attach();

    WalkResult result =
        BareState.walk(instance.walker(), tables.endpoint, HandmadeTables.IOVA, Access.READ);

    assertThat(result.steps()).isEqualTo(6);
    assertThat(result.stepAddress(0)).isEqualTo(HandmadeTables.ROOT + 3 * 16);
    assertThat(result.stepAddress(1)).isEqualTo(tables.contextEntry);
    assertThat(result.stepAddress(5)).isEqualTo(HandmadeTables.LOW + 3 * 8);
    assertThat(result.stepValue(5)).isEqualTo(0x7654003);
    assertThat(decoded(instance, result, 0)).isEqualTo("present, context table 0x101000");
    assertThat(decoded(instance, result, 1)).isEqualTo("present, second level, table 0x102000");
    assertThat(decoded(instance, result, 2)).isEqualTo("domain 6, 3 levels (39 bits)");
    assertThat(decoded(instance, result, 3)).isEqualTo("RW, table 0x103000");
    assertThat(decoded(instance, result, 5)).isEqualTo("RW, page 0x7654000");
  }

  private static String decoded(IommuInstance instance, WalkResult result, int step) {
    return instance.decode(result.stepStructure(step), result.stepValue(step));
  }

  @Test
  void registersThatMoveAreReadAgain() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    IommuInstance instance = tables.attach();
    state.registers().set("RTADDR", 0x20_0000);

    WalkResult moved =
        BareState.walk(instance.walker(), tables.endpoint, HandmadeTables.IOVA, Access.READ);
    assertThat(moved.faultReason()).isEqualTo(1);

    state.registers().set("RTADDR", HandmadeTables.ROOT);
    WalkResult back =
        BareState.walk(instance.walker(), tables.endpoint, HandmadeTables.IOVA, Access.READ);
    assertThat(back.outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void aRootTableThatTurnsScalableBlocksInsteadOfBeingMisread() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    IommuInstance instance = tables.attach();
    state.registers().set("RTADDR", HandmadeTables.ROOT | 0x400);

    WalkResult unsupported =
        BareState.walk(instance.walker(), tables.endpoint, HandmadeTables.IOVA, Access.READ);
    assertThat(unsupported.faultKind()).isEqualTo(FaultKind.BLOCKED);
    assertThat(unsupported.faultReason()).isEqualTo(0x30);
  }
}
