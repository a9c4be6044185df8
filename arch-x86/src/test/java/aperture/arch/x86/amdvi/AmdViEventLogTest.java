package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.HandmadeTables.EVENTS;
import static aperture.arch.x86.amdvi.HandmadeTables.IOVA;
import static aperture.arch.x86.amdvi.HandmadeTables.LOW;
import static aperture.arch.x86.amdvi.HandmadeTables.MIDDLE;
import static aperture.arch.x86.amdvi.HandmadeTables.mode;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.IommuInstance;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The event log in guest memory, read as plain numbers. */
class AmdViEventLogTest {

  private final BareState state = new BareState();
  private HandmadeTables tables;
  private IommuInstance instance;
  private AmdViRegisterFile registers;

  @BeforeEach
  void start() {
    tables = HandmadeTables.threeLevels(state);
    instance = tables.attach();
    registers = tables.registers();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void fault(long iova, Access access) {
    WalkResult result = BareState.walk(instance.walker(), tables.endpoint, iova, access);
    instance.recordFault(tables.endpoint, result.toFault(tables.endpoint, iova, access));
  }

  @Test
  void aPageFaultTellsWhoWhereAndWhy() {
    state.put(LOW + 3 * 8, 0x765_4000L | HandmadeTables.R);

    fault(IOVA, Access.WRITE);

    // Code 2, PE, RW, PR; domain 6; requester 0x28.
    assertThat(state.get(EVENTS)).isEqualTo(0x2070_0006_0000_0028L);
    assertThat(state.get(EVENTS + 8)).isEqualTo(IOVA);
    assertThat(state.values.get("EVT_TAIL")).isEqualTo(16);
    assertThat(state.values.get("STATUS") & 2).isNotZero();
    assertThat(instance.recordedFaults())
        .containsExactly(new RecordedFault(0x28, IOVA, Access.WRITE, 0x2050, "event log entry 0"));
  }

  @Test
  void aReservedBitAndAnAbsentPageSaySo() {
    state.put(LOW + 3 * 8, 0x765_4000L | HandmadeTables.RW | 1L << 55);
    fault(IOVA, Access.READ);
    state.put(LOW + 3 * 8, 0);
    fault(IOVA, Access.READ);

    assertThat(state.get(EVENTS)).isEqualTo(0x2090_0006_0000_0028L);
    assertThat(state.get(EVENTS + 16)).isEqualTo(0x2000_0006_0000_0028L);
  }

  @Test
  void anIllegalEntryNamesNoDomainButTheAddressAskedFor() {
    state.put(tables.entry, mode(3) | 4);

    fault(IOVA, Access.READ);

    assertThat(state.get(EVENTS)).isEqualTo(0x1080_0000_0000_0028L);
    assertThat(state.get(EVENTS + 8)).isEqualTo(IOVA);
  }

  @Test
  void aTableThatCannotBeReadNamesItsOwnAddress() {
    state.put(MIDDLE + 8, 0x4_0000_0000L | 1 << 9 | HandmadeTables.RW);
    fault(IOVA, Access.READ);
    registers.write("DEVTAB", 0x5_0000_0001L);
    fault(IOVA, Access.WRITE);

    assertThat(state.get(EVENTS)).isEqualTo(0x4200_0006_0000_0028L);
    assertThat(state.get(EVENTS + 8)).isEqualTo(0x4_0000_0018L);
    assertThat(state.get(EVENTS + 16)).isEqualTo(0x3220_0000_0000_0028L);
    assertThat(state.get(EVENTS + 24)).isEqualTo(0x5_0000_0500L);
  }

  @Test
  void suppressedFaultsLeaveNoTrace() {
    state.put(tables.entry + 8, 6 | 1L << 34);
    state.put(LOW + 3 * 8, 0);

    fault(IOVA, Access.READ);

    assertThat(state.registers().get("EVT_TAIL")).isZero();
    assertThat(instance.recordedFaults()).isEmpty();
  }

  @Test
  void aFullLogStopsAndSaysSoUntilSoftwareStartsItAgain() {
    state.put(LOW + 3 * 8, 0);
    for (int i = 0; i < 511; i++) {
      fault(IOVA, Access.READ);
    }
    assertThat(state.values.get("STATUS") & 9).isEqualTo(8);
    assertThat(instance.recordedFaults()).hasSize(511);

    fault(IOVA, Access.WRITE);
    assertThat(state.values.get("STATUS") & 9).isEqualTo(1);
    assertThat(state.values.get("EVT_TAIL")).isEqualTo(511 * 16);

    // Room alone does not restart it, and neither does turning it on with the overflow standing.
    registers.write("EVT_HEAD", 511 * 16);
    fault(IOVA, Access.WRITE);
    registers.write("CONTROL", HandmadeTables.CONTROL & ~4);
    registers.write("CONTROL", HandmadeTables.CONTROL);
    fault(IOVA, Access.WRITE);
    assertThat(state.values.get("STATUS") & 9).isEqualTo(1);
    assertThat(instance.recordedFaults()).isEmpty();

    registers.write("CONTROL", HandmadeTables.CONTROL & ~4);
    registers.write("STATUS", 1);
    registers.write("CONTROL", HandmadeTables.CONTROL);
    fault(IOVA, Access.WRITE);

    assertThat(state.values.get("STATUS") & 9).isEqualTo(8);
    assertThat(state.values.get("EVT_TAIL")).isZero();
    assertThat(instance.recordedFaults())
        .extracting(RecordedFault::where)
        .containsExactly("event log entry 511");
  }

  @Test
  void softwareConsumesByMovingTheHead() {
    state.put(LOW + 3 * 8, 0);
    fault(IOVA, Access.READ);
    fault(IOVA + 1, Access.READ);

    registers.write("EVT_HEAD", 16);
    registers.write("STATUS", 2);

    assertThat(instance.recordedFaults())
        .extracting(RecordedFault::address)
        .containsExactly(IOVA + 1);
    assertThat(state.values.get("STATUS")).isEqualTo(0x18);
  }

  @Test
  void aCommandsEventIsNobodysFault() {
    state.put(HandmadeTables.COMMANDS, 9L << 60);
    registers.write("CMD_TAIL", 16);
    state.put(LOW + 3 * 8, 0);
    fault(IOVA, Access.READ);

    assertThat(state.values.get("EVT_TAIL")).isEqualTo(32);
    assertThat(instance.recordedFaults())
        .extracting(RecordedFault::where)
        .containsExactly("event log entry 1");
  }

  @Test
  void aLogThatIsOffOrOutsideMemoryDropsEvents() {
    state.put(LOW + 3 * 8, 0);
    registers.write("CONTROL", HandmadeTables.CONTROL & ~4);
    fault(IOVA, Access.READ);
    assertThat(state.registers().get("EVT_TAIL")).isZero();

    registers.write("EVTLOG", 0x4_0000_0000L | 8L << 56);
    registers.write("CONTROL", HandmadeTables.CONTROL);
    fault(IOVA, Access.READ);

    assertThat(state.registers().get("EVT_TAIL")).isZero();
    assertThat(instance.recordedFaults()).isEmpty();
  }

  @Test
  void aRunningLogKeepsItsBaseAndTailAndAShortOneIsIgnored() {
    registers.write("EVTLOG", 0x40_0000 | 8L << 56);
    registers.write("EVT_TAIL", 0x40);
    assertThat(state.values.get("EVTLOG")).isEqualTo(EVENTS | 9L << 56);
    assertThat(state.registers().get("EVT_TAIL")).isZero();

    registers.write("CONTROL", 0);
    registers.write("EVTLOG", 0x40_0000 | 7L << 56);
    assertThat(state.values.get("EVTLOG")).isEqualTo(EVENTS | 9L << 56);
    registers.write("EVTLOG", 0x40_0000 | 8L << 56);
    assertThat(state.values.get("EVTLOG")).isEqualTo(0x40_0000 | 8L << 56);
  }
}
