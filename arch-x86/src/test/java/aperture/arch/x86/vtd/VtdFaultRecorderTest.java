package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuFault;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VtdFaultRecorderTest {

  private final BareState state = new BareState();
  private final VtdEvents events = new VtdEvents(state.registers());
  private final VtdFaultRecorder recorder = new VtdFaultRecorder(state.registers(), events);
  private final VtdRegisterFile registers =
      new VtdRegisterFile(state, new VtdInvalidationUnit(state, events), recorder, events);

  @BeforeEach
  void reset() {
    registers.reset(39, TranslationMode.LEGACY);
  }

  @AfterEach
  void close() {
    state.close();
  }

  /** A unit with several fault recording registers. */
  private void withRecords(int count) {
    state.registers().set("CAP", HandmadeTables.CAP_39 | (long) (count - 1) << 40);
  }

  private void fault(int requesterId, long iova, Access access, int reason) {
    recorder.record(
        new Endpoint(0, "", requesterId, Map.of()),
        new IommuFault(
            "", requesterId, iova, access, FaultKind.UNMAPPED, reason, "", "", 0, 0, true));
  }

  @Test
  void aFaultOfAWalkIsReadBackFromTheRegisters() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    WalkResult result = tables.write(0x5678);
    var instance = tables.attach();

    instance.recordFault(tables.endpoint, result.toFault(tables.endpoint, 0x5678, Access.WRITE));

    assertThat(state.values.get("FRCD0_LO")).isEqualTo(0x5000);
    assertThat(state.values.get("FRCD0_HI")).isEqualTo(0x8000_0005_0000_0328L);
    assertThat(state.values.get("FSTS")).isEqualTo(2);
    assertThat(instance.recordedFaults())
        .containsExactly(new RecordedFault(0x328, 0x5000, Access.WRITE, 5, "FRCD0"));
  }

  @Test
  void aRequestWithPasidIsRecordedWithIt() {
    ScalableTables tables = new ScalableTables(state, 0x40, 2);
    Endpoint asker = tables.asking(Map.of("pasid", "0xabcde", "request", "translation"));
    WalkResult result = tables.walk(asker, 0x5678, Access.READ);

    recorder.record(asker, result.toFault(asker, 0x5678, Access.READ));

    assertThat(state.values.get("FRCD0_LO")).isEqualTo(0x5000);
    assertThat(state.values.get("FRCD0_HI")).isEqualTo(0xdabc_de45_8000_03a8L);
  }

  @Test
  void aSecondFaultOfTheSameDeviceIsDropped() {
    fault(0x28, 0x1000, Access.READ, 6);
    fault(0x28, 0x2000, Access.READ, 6);

    assertThat(state.values.get("FSTS")).isEqualTo(2);
    assertThat(recorder.pending()).extracting(RecordedFault::address).containsExactly(0x1000L);
  }

  @Test
  void aFaultThatFindsNoFreeRecordOverflows() {
    fault(0x28, 0x1000, Access.READ, 6);
    fault(0x30, 0x2000, Access.WRITE, 5);

    assertThat(state.values.get("FSTS")).isEqualTo(3);
    assertThat(recorder.pending()).extracting(RecordedFault::requesterId).containsExactly(0x28);
  }

  @Test
  void nothingIsRecordedUntilTheOverflowIsCleared() {
    fault(0x28, 0x1000, Access.READ, 6);
    fault(0x30, 0x2000, Access.WRITE, 5);
    registers.writeFaultRecord(0, 1L << 63);
    assertThat(state.values.get("FSTS")).isEqualTo(1);

    fault(0x30, 0x3000, Access.WRITE, 5);
    assertThat(recorder.pending()).isEmpty();

    registers.write("FSTS", 1);
    fault(0x30, 0x4000, Access.WRITE, 5);
    assertThat(recorder.pending()).extracting(RecordedFault::address).containsExactly(0x4000L);
  }

  @Test
  void severalRecordsFormARing() {
    withRecords(3);
    fault(1 << 3, 0x1000, Access.READ, 6);
    fault(2 << 3, 0x2000, Access.READ, 6);
    fault(3 << 3, 0x3000, Access.READ, 6);
    registers.writeFaultRecord(0, 1L << 63);
    assertThat(state.values.get("FSTS")).isEqualTo(0x102);

    fault(4 << 3, 0x4000, Access.READ, 6);

    assertThat(recorder.pending())
        .extracting(RecordedFault::where)
        .containsExactly("FRCD1", "FRCD2", "FRCD0");
    fault(5 << 3, 0x5000, Access.READ, 6);
    assertThat(state.values.get("FSTS")).isEqualTo(0x103);
  }

  @Test
  void whatTheHardwareDoesNotTellIsNotRecorded() {
    Endpoint endpoint = state.endpoint(0, 5);
    WalkResult result = new WalkResult();
    VtdFaults.READ_UNMAPPED.end(result, VtdView.of(state.registers()), true);

    recorder.record(endpoint, result.toFault(endpoint, 0x1000, Access.READ));

    assertThat(recorder.pending()).isEmpty();
    assertThat(state.registers().get("FSTS")).isZero();
  }

  @Test
  void theEventWaitsWhileItIsMaskedAndLeavesWhenUnmasked() {
    fault(0x28, 0x1000, Access.READ, 6);
    assertThat(state.values.get("FECTL")).isEqualTo(0xc000_0000L);

    registers.write("FECTL", 1L << 31);
    assertThat(state.values.get("FECTL")).isEqualTo(0xc000_0000L);
    registers.write("FECTL", 0);
    assertThat(state.values.get("FECTL")).isZero();
  }

  @Test
  void aMessageStillPendingGoesWithItsLastCause() {
    fault(0x28, 0x1000, Access.READ, 6);
    fault(0x30, 0x1000, Access.READ, 6);

    registers.write("FSTS", 1);
    assertThat(state.values.get("FECTL")).isEqualTo(0xc000_0000L);
    registers.writeFaultRecord(0, 1L << 63);
    assertThat(state.values.get("FECTL")).isEqualTo(0x8000_0000L);
  }

  @Test
  void theEventIsRaisedOnlyByTheFirstCause() {
    registers.write("FECTL", 0);
    fault(0x28, 0x1000, Access.READ, 6);
    registers.write("FECTL", 1L << 31);

    fault(0x30, 0x1000, Access.READ, 6);

    assertThat(state.values.get("FSTS")).isEqualTo(3);
    assertThat(state.values.get("FECTL")).isEqualTo(0x8000_0000L);
  }
}
