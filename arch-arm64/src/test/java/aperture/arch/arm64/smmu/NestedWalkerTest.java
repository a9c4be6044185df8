package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.Permission;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stage 1 over stage 2, and what its events say of the stage and the intermediate address. */
class NestedWalkerTest {

  private static final long EVENTS = 0x4050_0000L;
  private static final long CONTROL_AT = HandMadeTables.ENTRY + 16;
  private static final long SAME_READ = 1L << 35 | 1L << 39;

  private final SmmuFixture state = new SmmuFixture();
  private Endpoint endpoint;
  private IommuInstance instance;

  @BeforeEach
  void attach() throws Exception {
    endpoint = HandMadeStage2.build(state, 7);
    instance = state.attach();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private WalkResult walk(long iova, Access access) {
    return state.walk(instance, endpoint, iova, access);
  }

  private void assertTranslated(long iova, long gpa, long size, Permission may) {
    WalkResult result = walk(iova, may.read() ? Access.READ : Access.WRITE);
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
    assertThat(result.size()).isEqualTo(size);
    assertThat(result.permission()).isEqualTo(may);
    assertThat(result.iovaBase() & size - 1).isZero();
  }

  /** Reads, and checks the last three words of the event that is left. */
  private void assertEvent(long iova, int number, long attributes, long last) {
    state.set("EVENTQ_PROD", 0);
    IommuFault fault = walk(iova, Access.READ).toFault(endpoint, iova, Access.READ);
    assertThat(fault.recorded()).as(fault.reasonText()).isTrue();
    instance.recordFault(endpoint, fault);
    assertThat(state.get(EVENTS)).as(fault.describe()).isEqualTo(0x8_0000_0000L | number);
    assertThat(state.get(EVENTS + 8)).as(fault.describe()).isEqualTo(attributes);
    assertThat(state.get(EVENTS + 16)).isEqualTo(iova);
    assertThat(state.get(EVENTS + 24)).as(fault.describe()).isEqualTo(last);
  }

  @Test
  void whatStage1SaysIsTranslatedOnceMore() {
    assertTranslated(0x1_0123L, 0x4300_0123L, 4096, Permission.READ_WRITE);
    assertTranslated(0x1_1abcL, 0x4300_5abcL, 4096, Permission.READ);
  }

  @Test
  void anExtentIsAsLargeAsBothStagesAgree() {
    // A block of 1 GiB over blocks and pages of stage 2.
    assertTranslated(0x4012_3456L, 0x4012_3456L, 2 << 20, Permission.READ_WRITE);
    assertTranslated(0x4020_0fffL, 0x4300_0fffL, 4096, Permission.READ_WRITE);
    // A page over a block.
    state.put(HandMadeTables.PAGE_ENTRY, 0x4013_5f47L);
    assertTranslated(0x1_0123L, 0x4013_5123L, 4096, Permission.READ_WRITE);
  }

  @Test
  void rightsAreThoseThatBothStagesGive() {
    assertThat(walk(0x20_0000L, Access.READ).faultText()).contains("stage-2");
    assertTranslated(0x20_0000L, 0x4380_0000L, 2 << 20, Permission.WRITE);
    assertThat(walk(0x1_1000L, Access.WRITE).faultText()).doesNotContain("stage-2");
  }

  @Test
  void theTagCarriesTheVirtualMachineAndTheAddressSpace() {
    assertThat(walk(0x1_0000L, Access.READ).domain()).isEqualTo(7 << 16 | 1);
  }

  @Test
  void stage1AloneHasTheTagOfItsVirtualMachineToo() {
    state.put(HandMadeTables.ENTRY, HandMadeTables.CONTEXT | 0xb);
    assertThat(walk(0x1_0000L, Access.READ).gpaBase()).isEqualTo(0x4020_0000L);
    assertThat(walk(0x1_0000L, Access.READ).domain()).isEqualTo(7 << 16 | 1);
    state.put(CONTROL_AT, HandMadeStage2.CONTROL | 0xff00);
    assertThat(walk(0x1_0000L, Access.READ).domain()).as("8 bits").isEqualTo(7 << 16 | 1);
    state.set("IDR0", 0x0d40_101aL);
    assertThat(walk(0x1_0000L, Access.READ).domain()).as("no VMIDs at all").isEqualTo(1);
  }

  @Test
  void eventsOfTheInputCarryItsIntermediateAddress() {
    state.put(HandMadeStage2.PAGE_ENTRY, 0x4300_07feL);
    assertEvent(0x1_0123L, 0x10, SAME_READ | 2L << 40, 0x4020_0000L);
    state.put(HandMadeStage2.PAGE_ENTRY, 0x1_4300_0000_07ffL);
    assertEvent(0x1_0123L, 0x11, SAME_READ | 2L << 40, 0x4020_0000L);
    state.put(HandMadeStage2.PAGE_ENTRY, 0x4300_03ffL);
    assertEvent(0x1_0123L, 0x12, SAME_READ | 2L << 40, 0x4020_0000L);
    assertEvent(0x20_1234L, 0x13, SAME_READ | 2L << 40, 0x4040_1000L);
    state.put(HandMadeStage2.LEVEL_2 + 8, 0x1000_0003L);
    assertEvent(0x1_0123L, 0x0b, SAME_READ | 2L << 40, 0x1000_0000L);
  }

  @Test
  void eventsOfAContextAreToldApart() {
    state.put(HandMadeTables.ENTRY, 0x4020_200fL);
    assertEvent(0x1_0123L, 0x10, SAME_READ, 0x4020_2000L);
    state.put(HandMadeTables.ENTRY, 1L << 40 | 0xf);
    assertEvent(0x1_0123L, 0x10, SAME_READ, 1L << 40);
    state.put(HandMadeTables.ENTRY, 0x4040_000fL);
    assertEvent(0x1_0123L, 0x13, SAME_READ, 0x4040_0000L);
  }

  @Test
  void eventsOfATableAreToldApart() {
    state.put(HandMadeTables.LEVEL_0, 0x4020_2003L);
    assertEvent(0x1_0123L, 0x10, SAME_READ | 1L << 40, 0x4020_2000L);
    state.put(HandMadeTables.LEVEL_0, 0x4040_0003L);
    assertEvent(0x1_0123L, 0x13, SAME_READ | 1L << 40 | 1L << 44, 0x4040_0000L);
  }

  @Test
  void whatStage2CannotReadForStage1IsAFaultOfStage1() {
    // The page of the table is mapped, but to nothing that can be read.
    state.put(HandMadeStage2.PAGE_ENTRY, 0x1000_07ffL);
    state.put(HandMadeTables.LEVEL_1, 0x4020_0003L);
    assertEvent(0x1_0123L, 0x0b, 1L << 35 | 1L << 40, 0x1000_0000L);
  }

  @Test
  void stage1StructuresStayOutOfDeviceMemoryWhereTheEntryProtectsWalks() {
    state.put(HandMadeStage2.STRUCTURES_ENTRY, 0x4000_07c1L);
    assertTranslated(0x1_0123L, 0x4300_0123L, 4096, Permission.READ_WRITE);
    state.put(CONTROL_AT, HandMadeStage2.CONTROL | 1L << 54);
    assertEvent(0x1_0123L, 0x13, SAME_READ, HandMadeTables.CONTEXT);
  }

  @Test
  void twoLevelContextTablesAreTranslatedToo() {
    state.set("IDR0", 0x0d40_101bL | 1 << 19);
    state.set("IDR1", 0x0273_0010L | 10 << 6);
    state.put(HandMadeTables.ENTRY, 8L << 59 | 0x4020_0000L | 1 << 4 | 0xf);
    state.put(0x4300_0000L, HandMadeTables.CONTEXT | 1);
    assertTranslated(0x1_0123L, 0x4300_0123L, 4096, Permission.READ_WRITE);
    assertThat(walk(0x1_0123L, Access.READ).steps()).isLessThan(WalkResult.MAX_STEPS);
    state.put(HandMadeTables.ENTRY, 8L << 59 | 0x4020_2000L | 1 << 4 | 0xf);
    assertEvent(0x1_0123L, 0x10, SAME_READ, 0x4020_2000L);
  }

  @Test
  void whereSubstreamsLetOthersBypassStage1OnlyStage2Translates() {
    state.set("IDR1", 0x0273_0010L | 5 << 6);
    state.put(HandMadeTables.ENTRY, 5L << 59 | HandMadeTables.CONTEXT | 0xf);
    state.put(HandMadeTables.ENTRY + 8, 0xd5);
    assertTranslated(0x4020_0123L, 0x4300_0123L, 4096, Permission.READ_WRITE);
    assertThat(walk(0x4020_0000L, Access.READ).domain()).isEqualTo((2 << 24) + 7);
  }

  @Test
  void tablesThatChangedBeforeTheEventWasWrittenLeaveTheIntermediateAddressOut() {
    state.put(HandMadeStage2.PAGE_ENTRY, 0);
    IommuFault fault = walk(0x1_0000L, Access.READ).toFault(endpoint, 0x1_0000L, Access.READ);
    state.put(HandMadeTables.PAGE_ENTRY, 0);
    instance.recordFault(endpoint, fault);
    assertThat(state.get(EVENTS + 8)).isEqualTo(SAME_READ | 2L << 40);
    assertThat(state.get(EVENTS + 24)).isZero();
  }

  @Test
  void whatSoftwareReadsBackSaysWhatStage2WasAskedFor() {
    state.put(HandMadeTables.LEVEL_0, 0x4020_2003L);
    assertEvent(0x1_0123L, 0x10, SAME_READ | 1L << 40, 0x4020_2000L);
    assertThat(instance.recordedFaults())
        .containsExactly(
            new RecordedFault(
                8,
                0x1_0123L,
                Access.READ,
                0x10,
                "event queue entry 0: stage 2 of a table, intermediate address 0x40202000"));
    state.put(HandMadeStage2.LEVEL_2 + 8, 0x1000_0003L);
    assertEvent(0x1_0123L, 0x0b, SAME_READ | 1L << 40, 0x1000_0010L);
    assertThat(instance.recordedFaults().getFirst().where())
        .isEqualTo("event queue entry 0: stage 2 of a table, descriptor at 0x10000010");
    state.put(EVENTS + 8, -1);
    assertThat(instance.recordedFaults().getFirst().where()).contains("nothing known");
  }

  @Test
  void privilegeThatTheEntryGaveIsInTheEvent() {
    state.set("IDR1", 0x0673_0010L);
    state.put(HandMadeTables.ENTRY + 8, 0xd6 | 3L << 48);
    assertEvent(0x7000L, 0x10, 1L << 35 | 1L << 33 | 2L << 40, 0);
  }
}
