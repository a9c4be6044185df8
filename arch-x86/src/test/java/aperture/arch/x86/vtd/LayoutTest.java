package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The layouts against values that a Linux kernel and QEMU's unit were seen to use. */
class LayoutTest {

  @Test
  void capabilityRegistersAreThoseOfTheEmulatedUnit() {
    assertThat(CapabilityLayout.capability(39)).isEqualTo(0xd2008c22260206L);
    assertThat(CapabilityLayout.capability(48)).isEqualTo(0xd2008c222f0606L);
    assertThat(CapabilityLayout.capability(57)).isEqualTo(0xd2008c22380e06L);
  }

  @Test
  void capabilitiesAreDecoded() {
    long cap = 0xd2008c222f0606L;

    assertThat(CapabilityLayout.maximumGuestWidth(cap)).isEqualTo(48);
    assertThat(CapabilityLayout.supportsWidthCode(cap, 0)).isFalse();
    assertThat(CapabilityLayout.supportsWidthCode(cap, 1)).isTrue();
    assertThat(CapabilityLayout.supportsWidthCode(cap, 2)).isTrue();
    assertThat(CapabilityLayout.supportsWidthCode(cap, 3)).isFalse();
    assertThat(CapabilityLayout.supportsPageAt(cap, 2)).isTrue();
    assertThat(CapabilityLayout.supportsPageAt(cap, 3)).isTrue();
    assertThat(CapabilityLayout.supportsPageAt(cap, 4)).isFalse();
    assertThat(CapabilityLayout.faultRecords(cap)).isEqualTo(1);
    assertThat(CapabilityLayout.maximumAddressMask(cap)).isEqualTo(18);
    assertThat(CapabilityLayout.domains(cap)).isEqualTo(65536);
    assertThat(CapabilityLayout.cachingMode(cap)).isFalse();
    assertThat(CapabilityLayout.cachingMode(cap | 0x80)).isTrue();
  }

  @Test
  void contextEntryOfALinuxKernelIsDecoded() {
    long low = 0x286c005;
    long high = 0x601;

    assertThat(ContextEntryLayout.translationType(low)).isEqualTo(1);
    assertThat(low & SecondLevelLayout.ADDRESS).isEqualTo(0x286c000);
    assertThat(ContextEntryLayout.levels(ContextEntryLayout.widthCode(high))).isEqualTo(3);
    assertThat(ContextEntryLayout.width(ContextEntryLayout.widthCode(high))).isEqualTo(39);
    assertThat(ContextEntryLayout.domain(high)).isEqualTo(6);
  }

  @Test
  void passThroughContextEntryIsDecoded() {
    assertThat(ContextEntryLayout.translationType(0x9)).isEqualTo(2);
    assertThat(ContextEntryLayout.domain(0x201)).isEqualTo(2);
  }

  @Test
  void contextEntriesAreBuiltAsTheyAreRead() {
    assertThat(ContextEntryLayout.low(0x286c000, 1)).isEqualTo(0x286c005);
    assertThat(ContextEntryLayout.high(6, 3)).isEqualTo(0x601);
    assertThat(ContextEntryLayout.high(0xffff, 4)).isEqualTo(0xffff02);
  }

  @Test
  void reservedBitsOfSecondLevelEntriesAreThoseOfA39BitUnit() {
    long mask = (1L << 39) - 1;
    long above = 0x000f_ff80_0000_0000L | 1L << 62;

    assertThat(SecondLevelLayout.reservedInPage(1, mask, false, false)).isEqualTo(above | 0x800);
    assertThat(SecondLevelLayout.reservedInPage(1, mask, true, true))
        .isEqualTo(above & ~(1L << 62));
    assertThat(SecondLevelLayout.reservedInPage(2, mask, false, false)).isEqualTo(above | 0x1ff800);
    assertThat(SecondLevelLayout.reservedInPage(3, mask, false, false))
        .isEqualTo(above | 0x3ffff800);
    assertThat(SecondLevelLayout.reservedInTable(2, mask, true)).isEqualTo(above | 0x800);
    assertThat(SecondLevelLayout.reservedInTable(4, mask, false)).isEqualTo(above | 0x880);
  }

  @Test
  void faultRecordsAreDecodedAsBuilt() {
    long high = FaultRecordLayout.high(0x0328, true, 6);

    assertThat(high).isEqualTo(0xc000_0006_0000_0328L);
    assertThat(FaultRecordLayout.sourceId(high)).isEqualTo(0x0328);
    assertThat(FaultRecordLayout.reason(high)).isEqualTo(6);
    assertThat(FaultRecordLayout.isRead(high)).isTrue();
    assertThat(FaultRecordLayout.high(0xffff, false, 0xfe)).isEqualTo(0x8000_00fe_0000_ffffL);
    assertThat(FaultRecordLayout.low(0x1234_5678L)).isEqualTo(0x1234_5000L);
  }

  @Test
  void invalidationDescriptorsHaveTheirFieldsInPlace() {
    assertThat(DescriptorLayout.contextLow(3, 0x1234, 0x5678)).isEqualTo(0x5678_1234_0031L);
    assertThat(DescriptorLayout.iotlbLow(2, 0x1234)).isEqualTo(0x1234_0022L);
    assertThat(DescriptorLayout.iotlbHigh(0x7_0000_0000L, 18)).isEqualTo(0x7_0000_0012L);
    assertThat(DescriptorLayout.waitLow(2)).isEqualTo(0x2_0000_0025L);
    assertThat(DescriptorLayout.ignoredFunctionBits(0L)).isZero();
    assertThat(DescriptorLayout.ignoredFunctionBits(1L << 48)).isEqualTo(4);
    assertThat(DescriptorLayout.ignoredFunctionBits(2L << 48)).isEqualTo(6);
    assertThat(DescriptorLayout.ignoredFunctionBits(3L << 48)).isEqualTo(7);
  }

  @Test
  void queueGeometryFollowsSizeAndWidth() {
    assertThat(QueueLayout.entries(0x2822001)).isEqualTo(512);
    assertThat(QueueLayout.bytes(0x2822001)).isEqualTo(8192);
    assertThat(QueueLayout.entries(0x2822801)).isEqualTo(256);
    assertThat(QueueLayout.bytes(0x2822801)).isEqualTo(8192);
  }

  @Test
  void anExtentAroundAnAddressStaysClearOfTheInterruptRange() {
    assertThat(InterruptRange.extentAround(0, 1L << 30)).isEqualTo(1L << 30);
    assertThat(InterruptRange.extentAround(0xfef0_0000L, 1L << 30)).isEqualTo(1L << 20);
    assertThat(InterruptRange.extentAround(0xfedf_ffffL, 1L << 30)).isEqualTo(2L << 20);
    assertThat(InterruptRange.extentAround(0xc000_0000L, 1L << 30)).isEqualTo(1L << 29);
    assertThat(InterruptRange.extentAround(-1L, 1L << 30)).isEqualTo(1L << 30);
  }

  @Test
  void scalableStructuresOfALinuxKernelAreDecoded() {
    assertThat(ScalableContextLayout.directoryEntries(0x2842405)).isEqualTo(512);
    assertThat(ScalableContextLayout.ridPasid(0x1f_ffffL)).isEqualTo(0xfffff);
    assertThat(ScalableContextLayout.offset(0x3ff)).isEqualTo(127 * 32);
    assertThat(RootEntryLayout.scalableOffset(0x37f)).isEqualTo(0x30);
    assertThat(RootEntryLayout.scalableOffset(0x380)).isEqualTo(0x38);
    assertThat(PasidDirectoryLayout.index(0xfffff)).isEqualTo(0x3fff);
    assertThat(PasidEntryLayout.offset(0xfffff)).isEqualTo(63 * 64);
    assertThat(PasidEntryLayout.type(0x2888085)).isEqualTo(2);
    assertThat(PasidEntryLayout.widthCode(0x2888085)).isEqualTo(1);
    assertThat(PasidEntryLayout.mode(0x4)).isEqualTo(1);
  }

  @Test
  void scalableStructuresAreBuiltAsALinuxKernelBuildsThem() {
    assertThat(RootAddressLayout.of(0x27a_7000, 1)).isEqualTo(0x27a_7400);
    assertThat(ScalableContextLayout.word0(0x284_2000, 512)).isEqualTo(0x284_2401);
    assertThat(ScalableContextLayout.word0(0x284_2000, 128)).isEqualTo(0x284_2001);
    assertThat(PasidEntryLayout.word0(0x288_8000, 2, 1)).isEqualTo(0x288_8085);
    assertThat(PasidEntryLayout.word0(0, 4, 3)).isEqualTo(0x10d);
    assertThat(PasidEntryLayout.word1(0xffff)).isEqualTo(0xffff);
    assertThat(DescriptorLayout.pasidCacheLow(0, 0x1234)).isEqualTo(0x1234_0007L);
    assertThat(DescriptorLayout.pasidCacheLow(3, 0)).isEqualTo(0x37);
  }

  @Test
  void faultRecordsTellThePasidAndTheTypeOfTheRequest() {
    long high = FaultRecordLayout.high(0x328, false, 0x51) | FaultRecordLayout.pasid(0xabcde);

    assertThat(high).isEqualTo(0x8abc_de51_8000_0328L);
    assertThat(FaultRecordLayout.pasidOf(high)).isEqualTo(0xabcde);
    assertThat(FaultRecordLayout.pasidOf(1L << 63)).isEqualTo(-1);
    assertThat(FaultRecordLayout.addressType(2)).isEqualTo(1L << 61);
  }
}
