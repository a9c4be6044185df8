package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuInstance;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Stage 2 alone: every way a walk can end, with the event that the architecture gives. */
class Stage2WalkerTest {

  private static final long IPA = 0x4020_0000L;
  private static final long CONTROL = HandMadeStage2.CONTROL;
  private static final long CONTROL_AT = HandMadeTables.ENTRY + 16;
  private static final long TABLE_AT = HandMadeTables.ENTRY + 24;

  private final SmmuFixture state = new SmmuFixture();
  private Endpoint endpoint;
  private IommuInstance instance;

  @BeforeEach
  void attach() throws Exception {
    endpoint = HandMadeStage2.build(state, 6);
    instance = state.attach();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private WalkResult read(long ipa) {
    return state.walk(instance, endpoint, ipa, Access.READ);
  }

  private WalkResult write(long ipa) {
    return state.walk(instance, endpoint, ipa, Access.WRITE);
  }

  private static void assertFault(WalkResult result, int reason, FaultKind kind) {
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(result.faultReason()).as(result.faultText()).isEqualTo(reason);
    assertThat(result.faultKind()).isEqualTo(kind);
    assertThat(result.recorded()).isTrue();
  }

  private static void assertTranslated(WalkResult result, long gpa, long size, Permission may) {
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaBase()).isEqualTo(gpa);
    assertThat(result.size()).isEqualTo(size);
    assertThat(result.permission()).isEqualTo(may);
  }

  @Test
  void pagesAndBlocksAreAnsweredWhole() {
    assertTranslated(write(IPA + 0x123), 0x4300_0000L, 4096, Permission.READ_WRITE);
    assertTranslated(read(IPA + 0x1abc), 0x4300_5000L, 4096, Permission.READ);
    assertTranslated(write(0x4041_2345L), 0x4380_0000L, 2 << 20, Permission.WRITE);
    assertTranslated(read(0x4012_3456L), 0x4000_0000L, 2 << 20, Permission.READ_WRITE);
    assertThat(read(IPA).domain()).isEqualTo((2 << 24) + 7);
  }

  @Test
  void tablesSideBySideResolveTheBitsAboveOne() {
    assertTranslated(read(0x80_1234_5678L), 0x5_4000_0000L, 1 << 30, Permission.READ_WRITE);
    assertFault(read(0x40_0000_0000L), 0x10, FaultKind.UNMAPPED);
    assertFault(read(1L << 40), 0x10, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void everyStructureOfAWalkIsNoted() {
    WalkResult result = read(IPA);

    assertThat(result.steps()).isEqualTo(8);
    assertThat(result.stepStructure(2)).isEqualTo("stage 2 control");
    assertThat(result.stepValue(2)).isEqualTo(CONTROL);
    assertThat(result.stepStructure(4)).isEqualTo("intermediate address");
    assertThat(result.stepAddress(4)).isEqualTo(IPA);
    assertThat(result.stepStructure(7)).isEqualTo("stage 2 level 3 descriptor");
    assertThat(result.stepAddress(7)).isEqualTo(HandMadeStage2.PAGE_ENTRY);
  }

  @Test
  void rightsAreThoseOfStage2() {
    assertFault(write(IPA + 0x1000), 0x13, FaultKind.DENIED);
    assertFault(read(0x4041_2345L), 0x13, FaultKind.DENIED);
  }

  @Test
  void translationFaultsAreRecordedOnlyWhenTheEntryAsksForIt() {
    state.put(CONTROL_AT, CONTROL & ~(1L << 58));
    assertThat(write(IPA + 0x1000).recorded()).isFalse();
    assertThat(read(1L << 40).recorded()).isFalse();

    state.put(HandMadeStage2.TOP + 8, 0x1000_0003L);
    assertFault(read(IPA), 0x0b, FaultKind.TABLE_READ);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {HandMadeStage2.TOP + 8, HandMadeStage2.LEVEL_2 + 8, HandMadeStage2.PAGE_ENTRY})
  void everyLevelIsChecked(long entry) {
    long descriptor = state.get(entry);
    state.put(entry, descriptor & ~1L);
    assertFault(read(IPA), 0x10, FaultKind.UNMAPPED);
    state.put(entry, descriptor | 1L << 44);
    assertFault(read(IPA), 0x11, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void blocksWhereNoneCanStandDoNotTranslate() {
    state.put(HandMadeStage2.PAGE_ENTRY, 0x4300_07fdL);
    assertFault(read(IPA), 0x10, FaultKind.MALFORMED);
  }

  @Test
  void aClearAccessFlagFaultsUnlessItIsIgnored() {
    state.put(HandMadeStage2.PAGE_ENTRY, 0x4300_03ffL);
    assertFault(read(IPA), 0x12, FaultKind.DENIED);
    state.put(CONTROL_AT, CONTROL | 1L << 53);
    assertTranslated(read(IPA), 0x4300_0000L, 4096, Permission.READ_WRITE);
  }

  @Test
  void hardwareThatManagesFlagsIsNotStoppedByThem() {
    state.set("IDR0", 0x0d40_101bL | 2 << 6);
    state.put(CONTROL_AT, CONTROL | 3L << 55);
    state.put(HandMadeStage2.PAGE_ENTRY, 1L << 51 | 0x4300_037fL);
    assertTranslated(write(IPA), 0x4300_0000L, 4096, Permission.READ_WRITE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 51", // S2AA64
    "1, 52", // S2ENDI
    "1, 55", // S2HD
    "1, 56", // S2HA
    "1, 57", // S2S
    "1, 39", // S2SL0 3
    "1, 37", // S2T0SZ 56
    "0, 38", // S2SL0 0: 19 bits at level 2
    "1, 44", // nothing: S2SH0
  })
  void illegalEntriesAreBadEntries(int value, int bit) {
    state.put(CONTROL_AT, value == 1 ? CONTROL | 1L << bit : CONTROL & ~(1L << bit));
    if (bit == 44) {
      assertTranslated(read(IPA), 0x4300_0000L, 4096, Permission.READ_WRITE);
    } else {
      assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
    }
  }

  @Test
  void aFaultNamesTheDwordThatIsToBlame() {
    state.put(CONTROL_AT, CONTROL | 3L << 46);
    assertThat(read(IPA).toFault(endpoint, IPA, Access.READ).structureAddress())
        .isEqualTo(CONTROL_AT);
    state.put(CONTROL_AT, CONTROL);
    state.put(TABLE_AT, 1L << 44);
    assertThat(read(IPA).toFault(endpoint, IPA, Access.READ).structureAddress())
        .isEqualTo(TABLE_AT);
  }

  @Test
  void anSmmuWithoutThe64BitFormatHasNoUseForIt() {
    state.set("IDR0", 0x0d40_1013L);
    assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
    state.put(HandMadeTables.ENTRY, HandMadeTables.CONTEXT | 0xb);
    assertFault(read(0x1_0000L), 0x0a, FaultKind.MALFORMED);
  }

  @Test
  void aReservedPageSizeIsABadEntry() {
    state.put(CONTROL_AT, CONTROL | 3L << 46);
    assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
    state.put(CONTROL_AT, CONTROL);
    state.set("IDR5", 0x64);
    assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
  }

  @Test
  void intermediateAddressesAreNoWiderThanPhysicalOnes() {
    state.put(CONTROL_AT, CONTROL & ~(63L << 32) & ~(3L << 38) | 19L << 32 | 2L << 38);
    assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
    state.put(CONTROL_AT, CONTROL & ~(63L << 32) & ~(3L << 38) | 20L << 32 | 2L << 38);
    assertFault(read(IPA), 0x10, FaultKind.UNMAPPED);
    // Four levels need 44 bits of output.
    state.put(CONTROL_AT, CONTROL & ~(3L << 38) | 2L << 38);
    state.set("IDR5", 0x73);
    assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
  }

  @Test
  void aTableBeyondTheOutputIsABadEntry() {
    state.put(TABLE_AT, 1L << 43);
    assertFault(read(IPA), 0x0b, FaultKind.TABLE_READ);
    state.put(TABLE_AT, 1L << 44);
    assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
    // S2PS 40 bits.
    state.put(CONTROL_AT, CONTROL & ~(7L << 48) | 2L << 48);
    state.put(TABLE_AT, 1L << 40);
    assertFault(read(IPA), 0x04, FaultKind.MALFORMED);
  }

  @Test
  void pagesOf16And64KiBAreWalkedToo() {
    // 16 KiB: 40 bits from level 2, sixteen tables side by side hold 32768 entries.
    state.put(CONTROL_AT, CONTROL & ~(3L << 38) | 1L << 38 | 2L << 46);
    state.put(TABLE_AT, 0x4080_0000L);
    state.put(0x4080_0000L + 0x20 * 8, 0x4200_07fdL);
    state.put(0x4080_0000L + 0x7fff * 8, 0x4090_0003L);
    state.put(0x4090_0000L, 0x4300_07ffL);
    assertTranslated(read(0x4012_3456L), 0x4200_0000L, 32 << 20, Permission.READ_WRITE);
    assertTranslated(read(0xff_fe00_0123L), 0x4300_0000L, 16 << 10, Permission.READ_WRITE);

    // 64 KiB: 33 bits in sixteen tables of level 3, and not one bit more.
    state.put(CONTROL_AT, CONTROL & ~(63L << 32 | 3L << 38) | 31L << 32 | 1L << 46);
    state.put(0x4080_0000L + 0x1_2345L * 8, 0x4303_07ffL);
    assertTranslated(read(0x1_2345_6789L), 0x4303_0000L, 64 << 10, Permission.READ_WRITE);
    state.put(CONTROL_AT, CONTROL & ~(63L << 32 | 3L << 38) | 30L << 32 | 1L << 46);
    assertFault(read(0x1_2345_6789L), 0x04, FaultKind.MALFORMED);
  }

  @Test
  void bigEndianTablesAreReadWhereTheSmmuCan() {
    state.set("IDR0", 0x0d40_101bL & ~(3L << 21));
    state.put(CONTROL_AT, CONTROL | 1L << 52);
    for (long entry :
        new long[] {
          HandMadeStage2.TOP + 8, HandMadeStage2.LEVEL_2 + 8, HandMadeStage2.PAGE_ENTRY
        }) {
      state.put(entry, Long.reverseBytes(state.get(entry)));
    }
    assertTranslated(read(IPA), 0x4300_0000L, 4096, Permission.READ_WRITE);
  }

  @Test
  void aTableThatLeadsToItselfEndsAtTheLastLevel() {
    state.put(HandMadeStage2.TOP, HandMadeStage2.TOP | 0x7ff);
    assertThat(read(0).steps()).isEqualTo(8);
    assertThat(read(0).gpaBase()).isEqualTo(HandMadeStage2.TOP);
  }
}
