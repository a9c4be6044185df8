package aperture.arch.ppc.phb;

import static aperture.arch.ppc.phb.OpalStatus.FROZEN;
import static aperture.arch.ppc.phb.OpalStatus.HARDWARE;
import static aperture.arch.ppc.phb.OpalStatus.PARAMETER;
import static aperture.arch.ppc.phb.OpalStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every status of the firmware calls, the registers under them, and a PE that stops. */
class OpalCallsTest {

  private static final long TABLE = 0x10_0000;

  private final PhbFixture bridge = new PhbFixture(PhbModel.PHB4);
  private final OpalCalls calls = bridge.firmware;

  @AfterEach
  void close() {
    bridge.close();
  }

  private long tve(int index) {
    return bridge.state.tables().find(9).orElseThrow().get(index);
  }

  @Test
  void aRequesterIsGivenToAPeAndForgotten() {
    bridge.state.endpoint(Map.of());

    assertThat(calls.setPe(0x123, 0)).isEqualTo(SUCCESS);

    assertThat(bridge.get64(PhbFixture.RTT) >>> 48).isEqualTo(0x123);
    assertThat(bridge.state.invalidations).containsExactly("endpoint 00:00.0");
    assertThat(calls.setPe(512, 0)).isEqualTo(PARAMETER);
    assertThat(calls.setPe(-1, 0)).isEqualTo(PARAMETER);
    assertThat(calls.setPe(1, 1 << 16)).isEqualTo(PARAMETER);
    assertThat(calls.setPe(1, -1)).isEqualTo(PARAMETER);
    bridge.registers.write(0x168, 1L << 63 | TableState.MEMORY);
    assertThat(calls.setPe(1, 0)).isEqualTo(HARDWARE);
    bridge.registers.write(0x168, PhbFixture.RTT);
    assertThat(calls.setPe(1, 0)).isEqualTo(HARDWARE);
  }

  @Test
  void aWindowIsSetUpWithTables() {
    assertThat(calls.mapPeDmaWindow(3, 7, 2, TABLE, 8192, 1 << 16)).isEqualTo(SUCCESS);

    assertThat(tve(7)).isEqualTo(TABLE << 4 | 1 << 13 | 2 << 8 | 5);
    assertThat(bridge.state.invalidations).containsExactly("domain 0x7 0x0+0x0");
    assertThat(calls.mapPeDmaWindow(3, 7, 0, 0, 0, 0)).isEqualTo(SUCCESS);
    assertThat(tve(7)).isZero();
  }

  @Test
  void aWindowThatCannotBeIsAnInvalidParameter() {
    assertThat(calls.mapPeDmaWindow(3, 5, 1, TABLE, 4096, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(3, 8, 1, TABLE, 4096, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(512, 1024, 1, TABLE, 4096, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(-1, -2, 1, TABLE, 4096, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(3, 6, 0, TABLE, 4096, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(3, 6, 6, TABLE, 4096, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(3, 6, 1, TABLE, 2048, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(3, 6, 1, TABLE, 12288, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindow(3, 6, 1, TABLE, Long.MIN_VALUE, 4096)).isEqualTo(PARAMETER);
    for (long page : new long[] {0, 1, 2048, 8192, 1 << 24, 3 << 12, -1}) {
      assertThat(calls.mapPeDmaWindow(3, 6, 1, TABLE, 4096, page)).isEqualTo(PARAMETER);
    }
    assertThat(tve(6)).isZero();
  }

  @Test
  void aWindowPassesMemory() {
    long base = 1L << 59;
    assertThat(calls.mapPeDmaWindowReal(3, 7, base + (1 << 24), 2 << 24)).isEqualTo(SUCCESS);

    assertThat(tve(7)).isEqualTo(TveLayout.passing(PhbModel.PHB4, 1 << 24, 3 << 24));
    assertThat(calls.mapPeDmaWindowReal(3, 6, 0, (1L << 50) - (1 << 24))).isEqualTo(SUCCESS);
    assertThat(calls.mapPeDmaWindowReal(3, 7, base, 0)).isEqualTo(SUCCESS);
    assertThat(tve(7)).isZero();

    assertThat(calls.mapPeDmaWindowReal(3, 7, 0, 1 << 24)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindowReal(3, 6, base, 1 << 24)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindowReal(3, 7, 3 * base, 1 << 24)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindowReal(3, 7, base + 4096, 1 << 24)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindowReal(3, 7, base, 4096)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindowReal(3, 7, base, 1L << 50)).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindowReal(3, 7, base, -(1L << 24))).isEqualTo(PARAMETER);
    assertThat(calls.mapPeDmaWindowReal(3, 5, base, 1 << 24)).isEqualTo(PARAMETER);
  }

  @Test
  void cachedEntriesAreDroppedByPageByPeOrAll() {
    assertThat(calls.tceKill(OpalCalls.Kill.PAGES, 3, 16, (1L << 59) + 0x20000, 2))
        .isEqualTo(SUCCESS);
    assertThat(calls.tceKill(OpalCalls.Kill.PE, 3, 0, 0, 0)).isEqualTo(SUCCESS);
    assertThat(calls.tceKill(OpalCalls.Kill.ALL, 900, 0, 0, 0)).isEqualTo(SUCCESS);

    assertThat(bridge.state.invalidations)
        .containsExactly(
            "domain 0x7 0x800000000020000+0x10000",
            "domain 0x7 0x800000000030000+0x10000",
            "domain 0x6 0x0+0x0",
            "domain 0x7 0x0+0x0",
            "all");
    assertThat(calls.tceKill(OpalCalls.Kill.PE, 512, 0, 0, 0)).isEqualTo(PARAMETER);
    assertThat(calls.tceKill(OpalCalls.Kill.PAGES, 3, 13, 0, 1)).isEqualTo(PARAMETER);
  }

  @Test
  void theOlderModelDropsAllWhateverIsAsked() {
    try (PhbFixture older = new PhbFixture(PhbModel.PHB3)) {
      older.firmware.tceKill(OpalCalls.Kill.PAGES, 3, 12, 0, 1);
      older.registers.write(0x210, 1L << 62 | 3);

      assertThat(older.state.invalidations).containsExactly("all", "all");
    }
  }

  @Test
  void aWriteThatNamesNothingToDropDropsNothing() {
    bridge.registers.write(0x210, 3);
    bridge.registers.write(0x208, 0x999L << 32);

    assertThat(bridge.state.invalidations).isEmpty();
    bridge.registers.write(0x208, 1L << 63);
    assertThat(bridge.state.invalidations).containsExactly("all");
  }

  @Test
  void tablesInsideTheBridgeAreReachedThroughTwoRegisters() {
    bridge.registers.write(0x220, 1L << 63 | 9L << 48 | 1022);
    bridge.registers.write(0x228, 0x11);
    bridge.registers.write(0x228, 0x22);
    bridge.registers.write(0x228, 0x33);
    assertThat(tve(1022)).isEqualTo(0x11);
    assertThat(tve(1023)).isEqualTo(0x22);
    assertThat(tve(0)).as("the index wraps").isEqualTo(0x33);

    bridge.registers.write(0x220, 9L << 48 | 1022);
    assertThat(bridge.registers.read(0x228)).isEqualTo(0x11);
    assertThat(bridge.registers.read(0x228)).as("without stepping on").isEqualTo(0x11);
    bridge.registers.write(0x220, 7L << 48 | 512);
    bridge.registers.write(0x228, -1);
    assertThat(bridge.registers.read(0x228)).as("beyond the table").isZero();
    bridge.registers.write(0x220, 3L << 48);
    bridge.registers.write(0x228, -1);
    assertThat(bridge.registers.read(0x228)).as("no such table").isZero();
    bridge.registers.write(0x999, 5);
    assertThat(bridge.registers.read(0x999)).as("no such register").isZero();
    bridge.registers.write(0x188, 5);
    assertThat(bridge.registers.read(0x188)).isEqualTo(5);
  }

  private WalkResult fail(ErrorTable errors, long iova, Access access) {
    WalkResult result = bridge.walk(0x108, iova, access);
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    if (result.recorded()) {
      Endpoint endpoint = new Endpoint(0, "any", 0x108, Map.of());
      errors.record(endpoint, result.toFault(endpoint, iova, access));
    }
    return result;
  }

  @Test
  void anErrorStopsThePeUntilBothWordsAreCleared() {
    ErrorTable errors = errors();
    bridge.registers.write(0x1a8, 1L << 63 | PhbFixture.PEST);
    calls.setPe(3, 0x108);
    calls.mapPeDmaWindow(3, 6, 1, TABLE, 4096, 4096);
    bridge.put64(TABLE, 0x5001);
    assertThat(calls.freezeStatus(3)).isEqualTo(SUCCESS);
    bridge.state.invalidations.clear();

    assertThat(fail(errors, 0x123, Access.WRITE).faultReason()).isEqualTo(19);

    assertThat(calls.freezeStatus(3)).isEqualTo(FROZEN);
    assertThat(bridge.state.invalidations)
        .as("nothing is answered from a cache")
        .containsExactly("domain 0x6 0x0+0x0", "domain 0x7 0x0+0x0");
    assertThat(bridge.get64(PhbFixture.PEST + 48)).isEqualTo(1L << 63 | 1L << 44 | 0x108L << 16);
    assertThat(bridge.get64(PhbFixture.PEST + 56)).isEqualTo(0x123);
    assertThat(errors.read())
        .containsExactly(
            new RecordedFault(0x108, 0x123, Access.WRITE, 19, "PE 3 (TCE access fault)"));
    WalkResult stopped = fail(errors, 0, Access.READ);
    assertThat(stopped.faultKind()).isEqualTo(FaultKind.BLOCKED);
    assertThat(stopped.recorded()).isFalse();

    assertThat(calls.freezeClear(3, OpalCalls.CLEAR_MMIO)).isEqualTo(SUCCESS);
    assertThat(calls.freezeStatus(3)).isEqualTo(FROZEN);
    assertThat(fail(errors, 0, Access.READ).faultKind()).isEqualTo(FaultKind.BLOCKED);
    assertThat(calls.freezeClear(3, OpalCalls.CLEAR_DMA)).isEqualTo(SUCCESS);
    assertThat(calls.freezeStatus(3)).isEqualTo(SUCCESS);
    assertThat(bridge.walk(0x108, 0, Access.READ).gpaBase()).isEqualTo(0x5000);
    assertThat(errors.read()).isEmpty();
  }

  private ErrorTable errors() {
    return new ErrorTable(
        bridge.model,
        bridge.state.memory(),
        bridge.state.invalidator(),
        new PhbView(bridge.state.registers(), bridge.state.tables()));
  }

  @Test
  void aPeKeepsItsFirstErrorAndOthersGoOn() {
    ErrorTable errors = errors();
    bridge.registers.write(0x1a8, 1L << 63 | PhbFixture.PEST);
    calls.setPe(3, 0x108);
    calls.setPe(4, 0x110);
    calls.mapPeDmaWindow(4, 8, 1, TABLE, 4096, 4096);
    bridge.put64(TABLE, 0x5001);
    Endpoint endpoint = new Endpoint(0, "any", 0x108, Map.of());

    WalkResult first = fail(errors, 0x1000, Access.READ);
    errors.record(endpoint, first.toFault(endpoint, 0x2000, Access.WRITE));

    assertThat(errors.read())
        .singleElement()
        .satisfies(fault -> {
          assertThat(fault.address()).isEqualTo(0x1000);
          assertThat(fault.reason()).isEqualTo(16);
          assertThat(fault.access()).isEqualTo(Access.READ);
        });
    assertThat(bridge.walk(0x110, 0, Access.READ).outcome())
        .isEqualTo(WalkResult.Outcome.TRANSLATED);
  }

  @Test
  void withoutMemoryForErrorsThePeStopsAllTheSame() {
    ErrorTable errors = errors();
    bridge.registers.write(0x1a8, 1L << 63 | TableState.MEMORY);
    calls.setPe(3, 0x108);

    fail(errors, 0x1000, Access.READ);

    assertThat(calls.freezeStatus(3)).isEqualTo(FROZEN);
    assertThat(errors.read().getFirst().address()).isZero();
  }

  @Test
  void clearingWhatCannotBeIsAnInvalidParameter() {
    assertThat(calls.freezeClear(512, 3)).isEqualTo(PARAMETER);
    assertThat(calls.freezeClear(3, 0)).isEqualTo(PARAMETER);
    assertThat(calls.freezeClear(3, 4)).isEqualTo(PARAMETER);
    assertThat(calls.freezeStatus(512)).isEqualTo(PARAMETER);
  }
}
