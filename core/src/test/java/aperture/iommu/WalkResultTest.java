package aperture.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The space for one walk's answer, used again and again. */
class WalkResultTest {

  private final WalkResult result = new WalkResult();
  private final Endpoint endpoint = Endpoint.pci(3, 1, 5, 2);

  @Test
  void aWalkerThatSaysNothingBlocks() {
    result.translated(0, 0, 4096, Permission.READ, 1);
    result.begin();

    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(result.faultKind()).isEqualTo(FaultKind.BLOCKED);
    assertThat(result.recorded()).isFalse();
    assertThat(result.steps()).isZero();
  }

  @Test
  void anAddressInsideTheExtentMeansTheSameOffsetInMemory() {
    result.translated(0x20_0000, 0x1_0000_0000L, 0x20_0000, Permission.READ_WRITE, 7);

    assertThat(result.gpaOf(0x20_0000)).isEqualTo(0x1_0000_0000L);
    assertThat(result.gpaOf(0x3f_ffff)).isEqualTo(0x1_001f_ffffL);
    assertThat(result.domain()).isEqualTo(7);
    result.translated(1L << 63, 0, 4096, Permission.READ, 0);
    assertThat(result.gpaOf((1L << 63) + 5)).isEqualTo(5);
  }

  @Test
  void stepsBeyondTheLimitOverwriteTheLast() {
    for (int i = 0; i < WalkResult.MAX_STEPS + 10; i++) {
      result.step("entry " + i, i, i * 3L);
    }

    assertThat(result.steps()).isEqualTo(WalkResult.MAX_STEPS);
    int last = WalkResult.MAX_STEPS - 1;
    assertThat(result.stepStructure(last)).isEqualTo("entry " + (WalkResult.MAX_STEPS + 9));
    assertThat(result.stepAddress(last)).isEqualTo(WalkResult.MAX_STEPS + 9L);
    assertThat(result.stepValue(last)).isEqualTo(3L * (WalkResult.MAX_STEPS + 9));
    assertThat(result.stepStructure(0)).isEqualTo("entry 0");
  }

  @Test
  void aResultWithoutStepsTakesAnyNumberAndNotesNone() {
    WalkResult quick = WalkResult.withoutSteps();
    for (int i = 0; i < 2 * WalkResult.MAX_STEPS; i++) {
      quick.step("entry", i, i);
    }
    quick.fault(FaultKind.UNMAPPED, 6, "nothing there", true);

    assertThat(quick.steps()).isZero();
    assertThat(quick.toFault(endpoint, 0x5008, Access.READ).structure()).isEmpty();
  }

  @Test
  void aFaultNamesTheStructureReadLast() {
    result.begin();
    result.step("root entry", 0x1000, 1);
    result.step("context entry", 0x2000, 0xab);
    result.fault(FaultKind.MALFORMED, 0xc, "a reserved bit is set", true);

    IommuFault fault = result.toFault(endpoint, 0x5008, Access.WRITE);

    assertThat(fault)
        .isEqualTo(
            new IommuFault(
                "01:05.2",
                0x12a,
                0x5008,
                Access.WRITE,
                FaultKind.MALFORMED,
                0xc,
                "a reserved bit is set",
                "context entry",
                0x2000,
                0xab,
                true));
    assertThat(fault.describe())
        .isEqualTo(
            "01:05.2 write of 0x5008: MALFORMED (reason 0xc, a reserved bit is set); context entry"
                + " at 0x2000 reads 0xab");
  }

  @Test
  void aFaultWithoutCodeAndStructureSaysNeither() {
    result.begin();
    result.fault(FaultKind.UNMAPPED, -1, "outside", false);

    assertThat(result.toFault(endpoint, 0, Access.READ).describe())
        .isEqualTo("01:05.2 read of 0x0: UNMAPPED (outside)");
  }

  @Test
  void permissionsAreTheirBits() {
    assertThat(Permission.of(false, false)).isEqualTo(Permission.NONE);
    for (Permission permission : Permission.values()) {
      assertThat(Permission.of(permission.read(), permission.write())).isEqualTo(permission);
      assertThat(permission.bits())
          .isEqualTo((permission.read() ? 1 : 0) | (permission.write() ? 2 : 0));
      assertThat(permission.allows(Access.READ)).isEqualTo(permission.read());
      assertThat(permission.allows(Access.WRITE)).isEqualTo(permission.write());
    }
    assertThat(Permission.READ.write()).isFalse();
    assertThat(Permission.WRITE.read()).isFalse();
  }
}
