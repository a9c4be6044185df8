package aperture.arch.x86;

import aperture.arch.x86.xen.XenHvmBehavior;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * The fully virtualized Xen guest: a PC with the i440FX host bridge whose device model maps any of
 * the guest's frames, or, where grants are forced, only what was granted.
 *
 * <p>Source: QEMU 7.2, hw/i386/pc_piix.c, xenfv; Linux 6.1, arch/x86/xen/enlighten_hvm.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + XenfvMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=x86"
    })
public final class XenfvMachineDefaults implements MachineDefaults {

  static final String FAMILY = "xenfv";

  private static final List<MachineRow> ROWS =
      XenRows.of(
          FAMILY,
          List.of(MachineRow.NO_IOMMU, XenHvmBehavior.KIND),
          LegacyInterface.TRANSITIONAL,
          PcMemory.slots(3));

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ROWS;
  }
}
