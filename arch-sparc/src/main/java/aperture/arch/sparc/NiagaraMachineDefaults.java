package aperture.arch.sparc;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.RowProperty;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * The {@code niagara} family: not versioned, a hypervisor's partition without PCI and so without an
 * IOMMU; nothing carries the legacy register interface.
 *
 * <p>Source: QEMU 7.2, hw/sparc64/niagara.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + NiagaraMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + Sun4uMachineDefaults.ARCH
    })
public final class NiagaraMachineDefaults implements MachineDefaults {

  static final String FAMILY = "niagara";

  /** The partition's memory begins at 2 GiB and ends below the console's page. */
  private static final RamSlot RAM = new RamSlot(0x8000_0000L, 0x1f_0000_0000L - 0x8000_0000L);

  private static final MachineRow ROW =
      new MachineRow(
          FAMILY,
          FAMILY,
          "",
          List.of(MachineRow.NO_IOMMU),
          MachineRow.NO_IOMMU,
          false,
          true,
          LegacyInterface.MODERN,
          List.of(RAM),
          List.of(),
          8192,
          ByteOrderName.BIG,
          Map.of(
              RowProperty.FIRST_REQUESTER_ID, "8",
              RowProperty.BLK_QUEUE_SIZE, "256",
              RowProperty.BLK_DISCARD, "on",
              RowProperty.BLK_WRITE_ZEROES, "on"));

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return List.of(ROW);
  }
}
