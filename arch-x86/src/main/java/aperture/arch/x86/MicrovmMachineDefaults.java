package aperture.arch.x86;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RowProperty;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * The minimal machine: virtio over memory-mapped registers, no PCI, no IOMMU, no versions.
 *
 * <p>Its transport is of version 1, the legacy one, unless an operator asks for another.
 *
 * <p>Source: QEMU 7.2, hw/i386/microvm.c, and hw/virtio/virtio-mmio.c, property force-legacy.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + MicrovmMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=x86"
    })
public final class MicrovmMachineDefaults implements MachineDefaults {

  static final String FAMILY = "microvm";

  private static final List<MachineRow> ROWS =
      List.of(
          new MachineRow(
              FAMILY,
              FAMILY,
              "",
              List.of(MachineRow.NO_IOMMU),
              MachineRow.NO_IOMMU,
              false,
              true,
              LegacyInterface.LEGACY,
              PcMemory.slots(3),
              PcMemory.RESERVED,
              PcMemory.PAGE_SIZE,
              ByteOrderName.LITTLE,
              Map.of(
                  RowProperty.BLK_QUEUE_SIZE, "256",
                  RowProperty.BLK_DISCARD, "on",
                  RowProperty.BLK_WRITE_ZEROES, "on")));

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ROWS;
  }
}
