package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;

/** What a walk's answer is compared with. */
final class Assertions {

  private Assertions() {}

  static void assertFault(WalkResult result, int reason, FaultKind kind) {
    assertThat(result.outcome()).isEqualTo(Outcome.FAULT);
    assertThat("0x%x".formatted(result.faultReason())).isEqualTo("0x%x".formatted(reason));
    assertThat(result.faultKind()).isEqualTo(kind);
  }

  static void assertTranslated(
      WalkResult result, long iovaBase, long gpaBase, long size, Permission permission) {
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.iovaBase()).isEqualTo(iovaBase);
    assertThat(result.gpaBase()).isEqualTo(gpaBase);
    assertThat(result.size()).isEqualTo(size);
    assertThat(result.permission()).isEqualTo(permission);
  }
}
