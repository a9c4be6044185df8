package aperture.arch.sparc.sun4u;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInstance;
import aperture.iommu.Permission;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the hardware keeps of a fault, and what it forgets. */
class FaultRegistersTest {

  private final TableState state = new TableState();
  private Endpoint endpoint;
  private IommuInstance instance;

  @BeforeEach
  void bringUp() throws Exception {
    endpoint = state.endpoint(Map.of());
    instance = Sun4uInstance.attach(state);
    instance.tableDriver().orElseThrow().initialize();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void fault(long iova, Access access) {
    WalkResult result = TableState.walk(instance.walker(), endpoint, iova, access);
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(result.recorded()).isTrue();
    instance.recordFault(endpoint, result.toFault(endpoint, iova, access));
  }

  @Test
  void nothingIsRecordedAfterBringUp() {
    assertThat(instance.recordedFaults()).isEmpty();
    assertThat(state.registers().get("IOMMU_CONTROL")).isEqualTo(0x60003L);
  }

  @Test
  void aFaultSetsStatusErrorAndTag() {
    fault(0xc000_4010L, Access.WRITE);

    assertThat(state.registers().get("IOMMU_CONTROL")).isEqualTo(0x3060003L);
    assertThat(state.registers().get("UE_AFSR")).isEqualTo(0x2100_0000_0000_0000L);
    assertThat(state.registers().get("IOMMU_TAG0")).isEqualTo(0xc0_0000L | 0x60002L);
    assertThat(instance.recordedFaults())
        .containsExactly(
            new RecordedFault(-1, 0xc000_4000L, Access.WRITE, 1, "IOMMU_TAG0 (invalid entry)"));
  }

  @Test
  void recordingKeepsTheIommuTranslating() throws Exception {
    long iova =
        instance.tableDriver().orElseThrow().map(endpoint, 0x100_0000, 8192, Permission.READ, -1L);
    fault(iova, Access.WRITE);

    assertThat(TableState.walk(instance.walker(), endpoint, iova, Access.READ).gpaBase())
        .isEqualTo(0x100_0000);
    assertThat(instance.recordedFaults())
        .singleElement()
        .satisfies(recorded -> {
          assertThat(recorded.reason()).isEqualTo(Sun4uFaults.PROTECTION);
          assertThat(recorded.where()).contains("protection error");
        });
  }

  @Test
  void theControlRegisterKeepsTheFirstStatusUntilSoftwareClearsIt() {
    fault(0xc000_4000L, Access.READ);
    state.registers().set("IOMMU_TSBBASE", 1L << 40);
    fault(0xc000_6000L, Access.READ);
    assertThat(ControlLayout.status(state.registers().get("IOMMU_CONTROL"))).isEqualTo(1);

    state.registers().set("IOMMU_CONTROL", 0x60003L);
    fault(0xc000_8000L, Access.READ);

    assertThat(ControlLayout.status(state.registers().get("IOMMU_CONTROL"))).isEqualTo(2);
    assertThat(instance.recordedFaults())
        .extracting(RecordedFault::reason)
        .containsExactly(1, 2, 2);
  }

  @Test
  void laterFaultsAreSecondary() {
    fault(0xc000_4000L, Access.READ);
    fault(0xc000_6000L, Access.WRITE);

    assertThat(state.registers().get("UE_AFSR")).isEqualTo(0x4700_0000_0000_0000L);
    assertThat(instance.recordedFaults())
        .extracting(RecordedFault::access)
        .containsExactly(Access.READ, Access.WRITE);
  }

  @Test
  void whenEveryTagHoldsAnErrorFurtherPagesAreLost() {
    for (int i = 0; i < 16; i++) {
      fault(0xc000_0000L + i * 8192L, Access.READ);
    }
    int generation = state.registers().generation();
    for (int i = 16; i < 1000; i++) {
      fault(0xc000_0000L + i * 8192L, Access.READ);
    }

    assertThat(state.registers().generation()).as("a flood writes nothing").isEqualTo(generation);
    List<RecordedFault> recorded = instance.recordedFaults();
    assertThat(recorded).hasSize(16);
    assertThat(recorded.get(15).address()).isEqualTo(0xc001_e000L);
    assertThat(recorded.get(15).where()).startsWith("IOMMU_TAG15");
  }

  @Test
  void aSuccessorReadsWhatWasRecorded() throws Exception {
    fault(0xc000_4000L, Access.READ);

    assertThat(Sun4uInstance.attach(state).recordedFaults())
        .isEqualTo(instance.recordedFaults())
        .hasSize(1);
  }

  @Test
  void entriesHaveWords() {
    assertThat(instance.decode("TTE", TteLayout.entry(0x245_2000L, false, false)))
        .contains("0x2452000", "read-only");
    assertThat(instance.decode("page", 1)).isEmpty();
    assertThat(Sun4uFaults.describe(Sun4uFaults.ECC)).contains("ECC");
    assertThat(Sun4uFaults.describe(9)).isEqualTo("status 9");
  }
}
