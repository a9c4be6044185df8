package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.RecordedFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A queue of four entries at 0x4050_0000. */
class EventQueueTest {

  private static final long QUEUE = 0x4050_0000L;

  private final SmmuFixture state = new SmmuFixture();
  private final Endpoint endpoint = HandMadeTables.build(state);
  private IommuInstance instance;

  @BeforeEach
  void attach() throws Exception {
    instance = state.attach();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private IommuFault fault(long iova, Access access) {
    return state.walk(instance, endpoint, iova, access).toFault(endpoint, iova, access);
  }

  private void record(long iova, Access access) {
    instance.recordFault(endpoint, fault(iova, access));
  }

  @Test
  void aPermissionFaultIsWrittenAsTheArchitectureLaysItOut() {
    record(HandMadeTables.READ_ONLY_PAGE + 0x123, Access.WRITE);

    assertThat(state.get(QUEUE)).isEqualTo(0x8_0000_0013L);
    assertThat(state.get(QUEUE + 8)).isEqualTo(2L << 40);
    assertThat(state.get(QUEUE + 16)).isEqualTo(0x1_1123);
    assertThat(state.get(QUEUE + 24)).isZero();
    assertThat(state.get("EVENTQ_PROD")).isEqualTo(1);
  }

  @Test
  void aWalkThatCannotReadATableSaysWhereTheDescriptorWas() {
    state.put(HandMadeTables.LEVEL_2, 0x1000_0003L);
    record(HandMadeTables.PAGE, Access.READ);

    assertThat(state.get(QUEUE)).isEqualTo(0x8_0000_000bL);
    assertThat(state.get(QUEUE + 8)).isEqualTo(1L << 40 | 1L << 35);
    assertThat(state.get(QUEUE + 16)).isEqualTo(0x1_0000);
    assertThat(state.get(QUEUE + 24)).isEqualTo(0x1000_0080L);
  }

  @Test
  void aContextThatCannotBeFetchedSaysWhereItWas() {
    state.put(HandMadeTables.ENTRY, 0x1000_000bL);
    record(HandMadeTables.PAGE, Access.READ);

    assertThat(state.get(QUEUE)).isEqualTo(0x8_0000_0009L);
    assertThat(state.get(QUEUE + 8)).isZero();
    assertThat(state.get(QUEUE + 16)).isZero();
    assertThat(state.get(QUEUE + 24)).isEqualTo(0x1000_0000L);
  }

  @Test
  void whatSoftwareReadsBackIsWhatHappened() {
    record(HandMadeTables.READ_ONLY_PAGE, Access.WRITE);
    record(0x7000, Access.READ);

    assertThat(instance.recordedFaults())
        .containsExactly(
            new RecordedFault(8, 0x1_1000, Access.WRITE, 0x13, "event queue entry 0"),
            new RecordedFault(8, 0x7000, Access.READ, 0x10, "event queue entry 1"));
    assertThat(instance.recordedFaults()).as("reading does not consume").hasSize(2);

    state.set("EVENTQ_CONS", 1);
    assertThat(instance.recordedFaults())
        .singleElement()
        .extracting(RecordedFault::reason)
        .isEqualTo(0x10);
  }

  @Test
  void aFullQueueDropsEventsAndSaysSoOnceUntilAcknowledged() {
    for (int i = 0; i < 6; i++) {
      record(0x1000L * i, Access.READ);
    }

    // Wrap bit set, index 0, overflow toggled once although two events were lost.
    assertThat(state.get("EVENTQ_PROD")).isEqualTo(1L << 31 | 4);
    assertThat(instance.recordedFaults())
        .extracting(RecordedFault::address)
        .containsExactly(0L, 0x1000L, 0x2000L, 0x3000L);

    state.set("EVENTQ_CONS", 1L << 31 | 4);
    record(0x9000, Access.READ);
    assertThat(state.get("EVENTQ_PROD")).isEqualTo(1L << 31 | 5);
    assertThat(instance.recordedFaults())
        .extracting(RecordedFault::address)
        .containsExactly(0x9000L);
  }

  @Test
  void theIndexWrapsAround() {
    for (int i = 0; i < 10; i++) {
      record(0x1000L * i, Access.READ);
      state.set("EVENTQ_CONS", state.get("EVENTQ_PROD"));
    }
    assertThat(state.get("EVENTQ_PROD")).isEqualTo(2);
    assertThat(instance.recordedFaults()).isEmpty();
  }

  @Test
  void aQueueOutsideMemoryRaisesAGlobalErrorAndStops() {
    state.set("EVENTQ_BASE", 0x1000_0002L);
    record(0x1000, Access.READ);
    assertThat(state.get("GERROR")).isEqualTo(4);
    assertThat(state.get("EVENTQ_PROD")).isZero();

    state.set("EVENTQ_BASE", QUEUE | 2);
    record(0x1000, Access.READ);
    assertThat(state.get("EVENTQ_PROD")).as("until acknowledged").isZero();

    state.set("GERRORN", 4);
    record(0x1000, Access.READ);
    assertThat(state.get("EVENTQ_PROD")).isEqualTo(1);
  }

  @Test
  void aQueueThatIsOffRecordsNothing() {
    IommuFault fault = fault(0x1000, Access.READ);
    state.set("CR0", 9);
    instance.recordFault(endpoint, fault);

    assertThat(state.get("EVENTQ_PROD")).isZero();
    assertThat(instance.recordedFaults()).isEmpty();
  }

  @Test
  void nonsenseInTheIndexesIsBounded() {
    state.set("EVENTQ_PROD", -1);
    state.set("EVENTQ_CONS", 0x7fff_fff2L);
    assertThat(instance.recordedFaults()).hasSizeLessThanOrEqualTo(4);
    record(0x1000, Access.READ);
    assertThat(state.get("EVENTQ_PROD") & 7).isLessThan(8);
  }
}
