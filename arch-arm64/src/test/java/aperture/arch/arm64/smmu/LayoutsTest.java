package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entries read from running guests, and what they are known to mean. */
class LayoutsTest {

  @Test
  void aStreamTableDescriptorOfLinuxHas256Entries() {
    long descriptor = 0x4ba6_0009L;

    assertThat(StreamTableLayout.span(descriptor)).isEqualTo(9);
    assertThat(StreamTableLayout.secondLevel(descriptor, 9)).isEqualTo(0x4ba6_0000L);
    assertThat(StreamTableLayout.descriptor(0x4ba6_0000L, 9)).isEqualTo(descriptor);
  }

  @Test
  void theStreamTableOfLinuxIsTwoLevelWithSplit8() {
    assertThat(StreamTableLayout.twoLevel(0x1_0210)).isTrue();
    assertThat(StreamTableLayout.split(0x1_0210)).isEqualTo(8);
    assertThat(StreamTableLayout.log2Size(0x1_0210)).isEqualTo(16);
    assertThat(StreamTableLayout.twoLevelConfig(16, 8)).isEqualTo(0x1_0210);
    assertThat(StreamTableLayout.base(0x4000_0000_42c6_7000L)).isEqualTo(0x42c6_7000L);
  }

  @Test
  void reservedSplitsActAsTheSmallest() {
    assertThat(StreamTableLayout.split(7 << 6)).isEqualTo(6);
    assertThat(StreamTableLayout.split(10 << 6)).isEqualTo(10);
  }

  @Test
  void aStage1EntryOfLinuxReadsAndWritesAlike() {
    long dword0 = 0x42cc_f00bL;

    assertThat(StreamEntryLayout.valid(dword0)).isTrue();
    assertThat(StreamEntryLayout.config(dword0)).isEqualTo(StreamEntryLayout.CONFIG_STAGE_1);
    assertThat(StreamEntryLayout.contextPointer(dword0)).isEqualTo(0x42cc_f000L);
    assertThat(StreamEntryLayout.contextLog2(dword0)).isZero();
    assertThat(StreamEntryLayout.stage1(0x42cc_f000L)).isEqualTo(dword0);
    assertThat(StreamEntryLayout.STAGE_1_1).isEqualTo(0xd6);
    assertThat(StreamEntryLayout.noSubstream(0xd6)).isEqualTo(2);
  }

  @Test
  void aBypassEntryOfLinuxBypasses() {
    assertThat(StreamEntryLayout.valid(0x9)).isTrue();
    assertThat(StreamEntryLayout.config(0x9)).isEqualTo(StreamEntryLayout.CONFIG_BYPASS);
    assertThat(StreamEntryLayout.ABORT_1).isEqualTo(0x1000_0000_0000L);
  }

  @Test
  void aContextOfLinuxReadsAndWritesAlike() {
    long dword0 = 0x1_e204_c000_3510L;

    assertThat(ContextLayout.valid(dword0)).isTrue();
    assertThat(ContextLayout.inputSize(dword0, false)).isEqualTo(16);
    assertThat(ContextLayout.granule(dword0, false)).isEqualTo(12);
    assertThat(ContextLayout.disabled(dword0, false)).isFalse();
    assertThat(ContextLayout.disabled(dword0, true)).isTrue();
    assertThat(ContextLayout.intermediateSize(dword0)).isEqualTo(4);
    assertThat(ContextLayout.aarch64(dword0)).isTrue();
    assertThat(ContextLayout.records(dword0)).isTrue();
    assertThat(ContextLayout.aborts(dword0)).isTrue();
    assertThat(ContextLayout.asid(dword0)).isEqualTo(1);
    assertThat(ContextLayout.lowHalf(12, 48, 4, 1)).isEqualTo(dword0);
  }

  @Test
  void leavesOfLinuxReadAndWriteAlike() {
    assertThat(TableLayout.memory(true) | TableLayout.TABLE).isEqualTo(0xf47);
    assertThat(TableLayout.memory(false) | TableLayout.TABLE).isEqualTo(0xfc7);
    assertThat(TableLayout.memory(true) | TableLayout.VALID).isEqualTo(0xf45);
    assertThat(TableLayout.DEVICE | TableLayout.TABLE | 0x0809_0000L)
        .isEqualTo(0x60_0000_0809_0e4bL);
    assertThat(TableLayout.readOnly(0xfc7)).isTrue();
    assertThat(TableLayout.unprivileged(0xf47)).isTrue();
    assertThat(TableLayout.accessed(0xf47)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "12,48,0,9",
    "12,39,1,9",
    "12,25,2,4",
    "14,48,0,1",
    "14,47,1,11",
    "16,48,1,6",
    "16,52,1,10",
    "12,16,3,4",
    "16,17,3,1"
  })
  void walksStartWhereTheInputSizeSays(int granule, int inputBits, int level, int width) {
    assertThat(TableLayout.startLevel(granule, inputBits)).isEqualTo(level);
    assertThat(inputBits - TableLayout.shift(granule, level)).isEqualTo(width);
  }

  @Test
  void identificationRegistersOfQemuSayWhatItCanDo() {
    long idr0 = IdentificationLayout.IDR0_RESET;
    long idr5 = IdentificationLayout.IDR5_RESET;

    assertThat(IdentificationLayout.stage1(idr0)).isTrue();
    assertThat(IdentificationLayout.stage2(idr0)).isFalse();
    assertThat(IdentificationLayout.aarch32(idr0)).isFalse();
    assertThat(IdentificationLayout.asidBits(idr0)).isEqualTo(16);
    assertThat(IdentificationLayout.stallModel(idr0)).isEqualTo(1);
    assertThat(IdentificationLayout.alwaysTerminates(idr0)).isTrue();
    assertThat(IdentificationLayout.tableEndianness(idr0)).isEqualTo(2);
    assertThat(IdentificationLayout.streamIdBits(IdentificationLayout.IDR1_RESET)).isEqualTo(16);
    assertThat(IdentificationLayout.eventQueueLog2(IdentificationLayout.IDR1_RESET)).isEqualTo(19);
    assertThat(IdentificationLayout.commandQueueLog2(IdentificationLayout.IDR1_RESET))
        .isEqualTo(19);
    assertThat(IdentificationLayout.hierarchicalDisable(IdentificationLayout.IDR3_RESET)).isTrue();
    assertThat(IdentificationLayout.rangeInvalidation(IdentificationLayout.IDR3_RESET)).isTrue();
    assertThat(IdentificationLayout.outputBits(idr5)).isEqualTo(44);
    assertThat(IdentificationLayout.granule(idr5, 12)).isTrue();
    assertThat(IdentificationLayout.granule(idr5, 14)).isTrue();
    assertThat(IdentificationLayout.granule(idr5, 16)).isTrue();
  }

  @Test
  void rangeInvalidationsCountPages() {
    long dword0 = CommandLayout.tlbRange(7, 3, 4);

    assertThat(CommandLayout.asid(dword0)).isEqualTo(7);
    assertThat(CommandLayout.opcode(dword0)).isEqualTo(0x12);
    assertThat(CommandLayout.rangeBytes(dword0, CommandLayout.tlbRangeAddress(0, 12, 3, true)))
        .isEqualTo(3L * 16 * 4096);
    assertThat(CommandLayout.granule(CommandLayout.tlbRangeAddress(0x5000, 12, 3, true)))
        .isEqualTo(12);
    assertThat(CommandLayout.level(CommandLayout.tlbRangeAddress(0x5000, 12, 3, true)))
        .isEqualTo(3);
    assertThat(CommandLayout.address(CommandLayout.tlbRangeAddress(0x5000, 12, 3, true)))
        .isEqualTo(0x5000);
  }
}
