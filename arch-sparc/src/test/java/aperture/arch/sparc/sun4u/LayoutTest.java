package aperture.arch.sparc.sun4u;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import org.junit.jupiter.api.Test;

/** Registers and entries as kernels wrote them, decoded and encoded. */
class LayoutTest {

  @Test
  void theControlRegisterOfARunningKernelDecodes() {
    long control = 0x60003L;

    assertThat(control & ControlLayout.ENABLE).isNotZero();
    assertThat(control & ControlLayout.DIAGNOSTIC).isNotZero();
    assertThat(control & ControlLayout.INDEX_64K).isZero();
    assertThat(ControlLayout.entries(ControlLayout.size(control))).isEqualTo(65_536);
    assertThat(ControlLayout.withSize(3, 6)).isEqualTo(control);
  }

  @Test
  void everyTsbSizeDecodes() {
    for (int size = 0; size < 8; size++) {
      long control = ControlLayout.withSize(-1L, size);
      assertThat(ControlLayout.size(control)).isEqualTo(size);
      assertThat(ControlLayout.entries(size)).isEqualTo(1024L << size);
      assertThat(ControlLayout.isDefined(control)).isEqualTo(size <= 5);
      assertThat(ControlLayout.isDefined(control & ~ControlLayout.INDEX_64K)).isTrue();
    }
  }

  @Test
  void anErrorIsTheStatusAndAFlag() {
    assertThat(ControlLayout.withError(0x60003L, 2)).isEqualTo(0x5060003L);
    assertThat(ControlLayout.status(0x5060003L)).isEqualTo(2);
    assertThat(ControlLayout.status(ControlLayout.withError(0x7060003L, 0))).isZero();
  }

  @Test
  void anEntryDecodes() {
    long tte = 0x8000_0000_0245_2012L;

    assertThat(TteLayout.isValid(tte)).isTrue();
    assertThat(TteLayout.page(tte)).isEqualTo(0x2452000L);
    assertThat(TteLayout.pageSize(tte)).isEqualTo(8192);
    assertThat(TteLayout.permission(tte)).isEqualTo(Permission.READ_WRITE);
    assertThat(TteLayout.permission(tte & ~2L)).isEqualTo(Permission.READ);
    assertThat(TteLayout.permission(tte & Long.MAX_VALUE)).isEqualTo(Permission.NONE);
    assertThat(TteLayout.entry(0x2452000L, true, false)).isEqualTo(tte);
    assertThat(TteLayout.decode(tte))
        .isEqualTo("valid, page 0x2452000 of 8 KiB, writable, context 0x0, cacheable");
  }

  @Test
  void fieldsDoNotReachIntoEachOther() {
    assertThat(TteLayout.page(-1L)).isEqualTo(0x7fff_ffff_0000L);
    assertThat(TteLayout.page(-1L & ~(1L << 61))).isEqualTo(0x7fff_ffff_e000L);
    assertThat(TteLayout.decode(0x7ff_8000_0000_0000L)).contains("context 0xfff", "page 0x0");
    assertThat(TteLayout.decode(1L << 59)).contains("context 0x0");
  }

  @Test
  void aLargeEntryIgnoresTheLowBitsOfItsPage() {
    long tte = TteLayout.entry(0x12_6000L, false, true);

    assertThat(TteLayout.pageSize(tte)).isEqualTo(65_536);
    assertThat(TteLayout.page(tte)).isEqualTo(0x12_0000L);
  }

  @Test
  void anEntryThatMovesKeepsItsRightsButBecomesSmall() {
    long large = TteLayout.entry(0x12_0000L, true, true);

    long moved = TteLayout.moved(large, 0x8_2000L);

    assertThat(moved).isEqualTo(TteLayout.entry(0x8_2000L, true, false));
    assertThat(TteLayout.moved(0, 0x8_2000L)).isEqualTo(0x8_2000L);
  }

  @Test
  void aTagKeepsThePageAndTheReason() {
    long tag = IotlbLayout.failed(0xc123_4567L, 1, TteLayout.entry(0x5000_0000L, true, true));

    assertThat(tag).isEqualTo(1L << 23 | 1L << 22 | 1L << 21 | 1L << 19 | 0x6091aL);
    assertThat(IotlbLayout.isError(tag)).isTrue();
    assertThat(IotlbLayout.status(tag)).isEqualTo(1);
    assertThat(IotlbLayout.address(tag)).isEqualTo(0xc123_4000L);
    assertThat(IotlbLayout.data(TteLayout.entry(0x245_2000L, false, false)))
        .isEqualTo(1L << 30 | 1L << 28 | 0x1229);
    assertThat(IotlbLayout.data(0)).isZero();
  }

  @Test
  void theFirstErrorIsPrimaryAndTheOthersSecondary() {
    long first = AfsrLayout.withTranslationError(0, Access.WRITE);
    assertThat(first).isEqualTo(0x2100_0000_0000_0000L);
    long second = AfsrLayout.withTranslationError(first, Access.READ);
    assertThat(second).isEqualTo(0x2b00_0000_0000_0000L);
    long third = AfsrLayout.withTranslationError(first, Access.WRITE);
    assertThat(third).isEqualTo(0x2700_0000_0000_0000L);

    assertThat(AfsrLayout.primary(second)).isEqualTo(Access.WRITE);
    assertThat(AfsrLayout.secondary(second)).isEqualTo(Access.READ);
    assertThat(AfsrLayout.secondary(third)).isEqualTo(Access.WRITE);
  }

  @Test
  void busAddressesAreToldApart() {
    assertThat(BusAddress.isBypass(0xfffc_0000_0000_0000L)).isTrue();
    assertThat(BusAddress.isBypass(-1)).isTrue();
    assertThat(BusAddress.isBypass(0xfffb_ffff_ffff_ffffL)).isFalse();
    assertThat(BusAddress.isBypass(0x3_ffff_ffff_ffffL)).isFalse();
    assertThat(BusAddress.physical(0xfffc_0000_0245_2000L)).isEqualTo(0x245_2000L);
    assertThat(BusAddress.physical(-1)).isEqualTo(0x3_ffff_ffff_ffffL);
    assertThat(BusAddress.isTranslated(0xffff_ffffL)).isTrue();
    assertThat(BusAddress.isTranslated(1L << 32)).isFalse();
    assertThat(BusAddress.isTranslated(-1)).isFalse();
  }

  @Test
  void registersHaveWords() {
    assertThat(ControlLayout.decode(0x60003L))
        .isEqualTo("enabled, 65536 entries, index of 8 KiB, diagnostic");
    assertThat(ControlLayout.decode(0x3a8_0004L | 1L << 24))
        .isEqualTo("disabled, 1024 entries, index of 64 KiB, entry 5 locked, invalid entry");
    assertThat(AfsrLayout.decode(0)).isEqualTo("no error");
    assertThat(AfsrLayout.decode(0x2100_0000_0000_0000L))
        .isEqualTo("first error on a write, in translation");
    assertThat(AfsrLayout.decode(0x6b00_0000_0000_0000L))
        .isEqualTo("first error on a write, in translation; later ones on a read");
    assertThat(IotlbLayout.decodeTag(0xf8_0001L | 0x40_0000L))
        .isEqualTo("page 0x2000 of 64 KiB, writable, streaming, invalid entry");
    assertThat(IotlbLayout.decodeTag(1)).isEqualTo("page 0x2000 of 8 KiB");
    assertThat(IotlbLayout.decodeData(0x7000_0002L))
        .isEqualTo("valid, page 0x4000, used, cacheable");
    assertThat(IotlbLayout.decodeData(0)).isEqualTo("invalid, page 0x0");
  }

  @Test
  void whatStreamsIsMarkedInTheTag() {
    long tte = 0x9800_8000_0000_2012L;

    assertThat(TteLayout.isStreaming(tte)).isTrue();
    assertThat(TteLayout.context(tte)).isEqualTo(1);
    assertThat(TteLayout.decode(tte))
        .isEqualTo(
            "valid, page 0x2000 of 8 KiB, writable, context 0x1, streaming, this bus, cacheable");
    assertThat(IotlbLayout.failed(0x2000, 1, tte)).isEqualTo(0x20_0000 | 0xf0_0001L);
  }
}
