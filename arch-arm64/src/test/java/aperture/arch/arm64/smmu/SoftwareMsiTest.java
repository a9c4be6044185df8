package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.arm64.SbsaRefMachineDefaults;
import aperture.arch.arm64.VirtMachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.ReservedRange;
import aperture.memory.MemoryRange;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table driver finds in a machine's reserved ranges what the rows put there. */
class SoftwareMsiTest {

  private static long doorbell(MachineRow row) {
    return SoftwareMsi.doorbell(row.reserved().stream().map(ReservedRange::range).toList(), 4096);
  }

  @Test
  void everyVersionOfVirtHasTheDoorbellOfItsInterruptController() {
    for (MachineRow row : new VirtMachineDefaults().rows()) {
      boolean its = row.property("msi.controller").orElseThrow().equals("its");
      assertThat(doorbell(row)).as(row.type()).isEqualTo(its ? 0x0809_0000L : 0x0802_0000L);
    }
  }

  @Test
  void sbsaRefHasNone() {
    assertThat(doorbell(new SbsaRefMachineDefaults().rows().getFirst())).isEqualTo(-1);
  }

  @Test
  void rangesElsewhereAreNoDoorbells() {
    assertThat(SoftwareMsi.doorbell(List.of(new MemoryRange(0xfee0_0000L, 0x10_0000L)), 4096))
        .isEqualTo(-1);
  }
}
