package aperture.arch.ppc.phb;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import org.junit.jupiter.api.Test;

/** Entries and commands, encoded and decoded, against values worked out by hand. */
class PhbLayoutTest {

  @Test
  void aTranslatingEntryHasItsTableLevelsSizeAndPage() {
    long tve = TveLayout.translating(0x1234_5000L, 2, 10, 12);

    assertThat(tve).isEqualTo(0x1234_5000L << 4 | 1 << 13 | 2 << 8 | 1);
    assertThat(TveLayout.table(tve)).isEqualTo(0x1234_5000L);
    assertThat(TveLayout.levels(tve)).isEqualTo(1);
    assertThat(TveLayout.entryBits(tve)).isEqualTo(10);
    assertThat(TveLayout.pageShift(tve)).isEqualTo(12);
    assertThat(TveLayout.decode(PhbModel.PHB4, tve))
        .isEqualTo("table 0x12345000, 2 levels of 2^10 entries, pages of 2^12 bytes");
  }

  @Test
  void pageCodesAreElevenBelowTheShift() {
    assertThat(TveLayout.translating(0, 1, 9, 12) & 0x1f).isEqualTo(1);
    assertThat(TveLayout.translating(0, 1, 9, 16) & 0x1f).isEqualTo(5);
    assertThat(TveLayout.translating(0, 1, 9, 21) & 0x1f).isEqualTo(10);
    assertThat(TveLayout.translating(0, 1, 9, 24) & 0x1f).isEqualTo(13);
    assertThat(TveLayout.translating(0, 1, 9, 28) & 0x1f).isEqualTo(17);
    assertThat(TveLayout.translating(0, 1, 9, 30) & 0x1f).isEqualTo(19);
  }

  @Test
  void aPassingEntrySplitsStartAndEnd() {
    long tve = TveLayout.passing(PhbModel.PHB4, 0x1_0000_0100_0000L, 0x3_0000_0200_0000L);

    assertThat(tve).isEqualTo(1L << 40 | 2L << 16 | 1 << 10 | 3 << 8 | 1 << 12 | 1 << 7);
    assertThat(TveLayout.start(tve)).isEqualTo(0x1_0000_0100_0000L);
    assertThat(TveLayout.end(tve)).isEqualTo(0x3_0000_0200_0000L);
    assertThat(TveLayout.decode(PhbModel.PHB4, tve))
        .isEqualTo("passes 0x1000001000000 up to 0x3000002000000");
    assertThat(TveLayout.passing(PhbModel.PHB3, 0, 1L << 24)).isEqualTo(1 << 16 | 1 << 12);
    assertThat(TveLayout.decode(PhbModel.PHB4, 1 << 16 | 1 << 12)).contains("without the mark");
    assertThat(TveLayout.decode(PhbModel.PHB4, 0)).isEqualTo("invalid");
  }

  @Test
  void anErrorNamesWhoWhatAndWhy() {
    long word = PestLayout.wordA(Access.READ, PestLayout.PAGE_FAULT, 0x1234);

    assertThat(word).isEqualTo(1L << 63 | 2L << 56 | 1L << 45 | 0x1234L << 16);
    assertThat(PestLayout.decode(word))
        .isEqualTo("stopped, DMA read by requester 0x1234, TCE page fault");
    assertThat(PestLayout.wordA(Access.WRITE, 16, 0)).isEqualTo(1L << 63 | 1L << 47);
    assertThat(PestLayout.wordA(Access.WRITE, 19, 0)).isEqualTo(1L << 63 | 1L << 44);
    assertThat(PestLayout.decode(0)).isEqualTo("running, DMA write by requester 0x0");
    assertThat(PestLayout.secondWord(-1)).isEqualTo((1L << 61) - 1);
    assertThat(PhbFaults.describe(7)).isEqualTo("reason 7");
  }

  @Test
  void entriesInMemoryDecode() {
    assertThat(PhbTceLayout.permission(0x5003)).isEqualTo(Permission.READ_WRITE);
    assertThat(PhbTceLayout.permission(0x5002)).isEqualTo(Permission.WRITE);
    assertThat(PhbTceLayout.page(0x5000, Permission.WRITE)).isEqualTo(0x5003);
    assertThat(PhbTceLayout.page(0x5000, Permission.READ)).isEqualTo(0x5001);
    assertThat(PhbTceLayout.decode(0x5ffeL)).isEqualTo("0x5000, -W");
    assertThat(PhbTceLayout.decode(0x5ffcL)).isEqualTo("0x5000, -- (no access)");
  }

  @Test
  void dropCommandsNameAPageOrAPe() {
    assertThat(PhbRegister.pageKill(5, 0x0800_0000_1234_5678L, 12))
        .isEqualTo(1L << 61 | 0x0800_0000_1234_5000L | 5);
    long large = PhbRegister.pageKill(5, 0x1234_5678L, 16);
    assertThat(large).isEqualTo(1L << 61 | 1L << 60 | 0x1234_0000L | 0x1000 | 5);
    assertThat(PhbRegister.killedShift(large)).isEqualTo(16);
    assertThat(PhbRegister.killedAddress(large)).isEqualTo(0x1234_0000L);
    assertThat(PhbRegister.killedPe(large)).isEqualTo(5);
    assertThat(PhbRegister.killedShift(PhbRegister.pageKill(0, 0, 30))).isEqualTo(30);
    assertThat(PhbRegister.pageKill(5, 0, 24)).as("no such size").isEqualTo(1L << 62 | 5);
    assertThat(PhbRegister.forget(0x1234)).isEqualTo(0x1234L << 32);
  }

  @Test
  void statusesHaveWords() {
    assertThat(OpalStatus.describe(0)).isEqualTo("success");
    assertThat(OpalStatus.describe(-1)).isEqualTo("invalid parameter");
    assertThat(OpalStatus.describe(-2)).isEqualTo("busy");
    assertThat(OpalStatus.describe(-6)).isEqualTo("hardware error");
    assertThat(OpalStatus.describe(-7)).isEqualTo("unsupported");
    assertThat(OpalStatus.describe(-13)).isEqualTo("frozen");
    assertThat(OpalStatus.describe(3)).isEqualTo("status 3");
  }
}
