package aperture.arch.x86.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layouts against values that a Linux kernel and QEMU's unit were seen to use. */
class LayoutTest {

  @Test
  void aDeviceTableEntryOfALinuxKernelIsDecoded() {
    long quad0 = 0x6000000002838603L;

    assertThat(DeviceEntryLayout.valid(quad0)).isTrue();
    assertThat(DeviceEntryLayout.translationValid(quad0)).isTrue();
    assertThat(DeviceEntryLayout.mode(quad0)).isEqualTo(3);
    assertThat(DeviceEntryLayout.root(quad0)).isEqualTo(0x2838000);
    assertThat(DeviceEntryLayout.domain(2)).isEqualTo(2);
    assertThat(DeviceEntryLayout.translated(0x2838000, 3)).isEqualTo(quad0);
    assertThat(DeviceEntryLayout.mode(0x6000000000000003L)).isZero();
  }

  @Test
  void featuresOfTheEmulatedUnitAreDecoded() {
    assertThat(FeatureLayout.levels(0x29d3)).isEqualTo(6);
    assertThat(FeatureLayout.prefetch(0x29d3)).isTrue();
    assertThat(FeatureLayout.pageRequests(0x29d3)).isTrue();
    assertThat(FeatureLayout.guestTranslation(0x29d3)).isTrue();
    assertThat(FeatureLayout.invalidateAll(0x29d3)).isTrue();
    assertThat(FeatureLayout.levels(-1L)).isEqualTo(6);
    assertThat(FeatureLayout.levels(0)).isEqualTo(4);
  }

  @Test
  void baseRegistersOfALinuxKernelAreDecoded() {
    assertThat(DeviceTableLayout.base(0x11c8001)).isEqualTo(0x11c8000);
    assertThat(DeviceTableLayout.bytes(0x11c8001)).isEqualTo(256 * 32);
    assertThat(DeviceTableLayout.register(0x11c8000, 8192)).isEqualTo(0x11c8001);
    assertThat(RingLayout.address(0x9000000011ca000L)).isEqualTo(0x11ca000);
    assertThat(RingLayout.bytes(0x9000000011ca000L)).isEqualTo(512 * 16);
    assertThat(RingLayout.register(0x11ca000, 9)).isEqualTo(0x9000000011ca000L);
    assertThat(RingLayout.next(0x1ff0, 0x9000000011ca000L)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"12, 0", "13, 7", "20, 7", "21, 0", "22, 7", "29, 7", "30, 0", "31, 7", "38, 7"})
  void pagesAreBuiltAsTheyAreRead(int sizeLog2, int nextLevel) {
    long address = 5L << 39;

    long entry = PageEntryLayout.page(address, sizeLog2, PageEntryLayout.READ);

    assertThat(entry >>> 9 & 7).isEqualTo(nextLevel);
    assertThat(entry >>> 61).isEqualTo(1);
    assertThat(PageEntryLayout.address(entry) & -1L << sizeLog2).isEqualTo(address);
    if (nextLevel == 7) {
      assertThat(PageEntryLayout.sizeLog2(entry)).isEqualTo(sizeLog2);
    }
  }

  @Test
  void anAddressOfOnesSaysTheLargestSize() {
    assertThat(PageEntryLayout.sizeLog2(-1L)).isEqualTo(53);
    assertThat(PageEntryLayout.sizeLog2(0)).isEqualTo(13);
  }

  @Test
  void invalidationsAreBuiltAsTheyAreRead() {
    for (int log2 = 0; log2 <= 40; log2++) {
      long address = 3L << 52;
      long high = CommandLayout.pages(address, log2);
      assertThat(CommandLayout.size(high)).isEqualTo(4096L << log2);
      assertThat(CommandLayout.address(high)).isEqualTo(address);
    }
    assertThat(CommandLayout.everyPage()).isEqualTo(0x7ffffffffffff003L);
    assertThat(CommandLayout.size(CommandLayout.everyPage())).isZero();
    assertThat(CommandLayout.address(CommandLayout.everyPage())).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "device table entry | 6000000002838603 | RW, 3 levels, table 0x2838000",
        "device table entry | 6000000002838783 | RW, 3 levels, table 0x2838000, accesses to be"
            + " noted (3)",
        "device table entry | 2000000000000003 | R-, untranslated",
        "device table entry | 0000000000000003 | --, untranslated",
        "device table entry | 6000000000000e03 | RW, mode 7 is reserved",
        "device table entry | 6000000000000602 | not valid: passes untranslated",
        "device table entry | 6000000000000601 | translation information not valid: no access",
        "device table entry | 800000000000000b | not usable, reserved bits 0x8000000000000008 set",
        "device table entry, quad 1 | 0000000400000007 | domain 7, page faults not logged",
        "device table entry, quad 2 | 0010000000000000 | interrupts, reserved bits"
            + " 0x10000000000000 set",
        "device table entry, quad 3 | 0000000000000001 | attributes, reserved bits 0x1 set",
        "page table entry, level 2 | 600000000283b201 | RW, table of level 1 0x283b000",
        "page table entry, level 2 | 4000000012200041 | -W, page of 2^21 bytes 0x12200000, dirty",
        "page table entry, level 1 | 3000000012347e21 | R-, page of 2^16 bytes 0x12340000,"
            + " accessed, coherent",
        "page table entry, level 1 | 6010000012345001 | RW, page of 2^12 bytes 0x12345000,"
            + " reserved bits 0x10000000000000 set",
        "page table entry, level 3 | 6000000012345000 | not present",
        "root entry | 1 | ''"
      })
  void structuresAreExplained(String structure, String value, String text) {
    assertThat(AmdViDecoder.decode(structure, Long.parseUnsignedLong(value, 16))).isEqualTo(text);
  }
}
