package aperture.arch.x86;

import aperture.arch.x86.xen.XenPvBehavior;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * The paravirtualized Xen guest: its frame numbers are the machine's, so that no device can do
 * without somebody who knows them. Its memory begins at 0 and has no hole.
 *
 * <p>Source: QEMU 7.2, hw/xenpv/xen_machine_pv.c; Linux 6.1, arch/x86/xen/p2m.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + XenpvMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=x86"
    })
public final class XenpvMachineDefaults implements MachineDefaults {

  static final String FAMILY = "xenpv";

  private static final List<MachineRow> ROWS =
      XenRows.of(
          FAMILY,
          List.of(XenPvBehavior.KIND),
          LegacyInterface.MODERN,
          List.of(new RamSlot(0, 1L << 40)));

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ROWS;
  }
}
