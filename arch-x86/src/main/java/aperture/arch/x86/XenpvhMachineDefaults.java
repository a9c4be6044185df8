package aperture.arch.x86;

import aperture.arch.x86.xen.XenHvmBehavior;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * The Xen guest with hardware memory virtualization and without emulated devices: virtio over
 * memory-mapped registers.
 *
 * <p>Source: the name is the one of QEMU's machine, hw/i386/xen/xen-pvh.c, later than 7.2; memory
 * as for the fully virtualized guest.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + XenpvhMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=x86"
    })
public final class XenpvhMachineDefaults implements MachineDefaults {

  static final String FAMILY = "xenpvh";

  private static final List<MachineRow> ROWS =
      XenRows.of(
          FAMILY,
          List.of(MachineRow.NO_IOMMU, XenHvmBehavior.KIND),
          LegacyInterface.MODERN,
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
