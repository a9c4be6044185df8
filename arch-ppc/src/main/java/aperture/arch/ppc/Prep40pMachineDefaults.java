package aperture.arch.ppc;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.machine.RowProperty;
import aperture.memory.MemoryRange;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * The {@code 40p} family: not versioned. Its bridge (Raven) shows the first 2 GiB of memory to
 * devices at bus address 0x80000000; below that lies the memory of PCI itself. There is no IOMMU,
 * yet a bus address is no physical one.
 *
 * <p>Source: QEMU 7.2, hw/ppc/prep.c and hw/pci-host/raven.c, raven_pcihost_initfn.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Prep40pMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class Prep40pMachineDefaults implements MachineDefaults {

  static final String FAMILY = "40p";

  private static final long WINDOW = 0x8000_0000L;

  private static final RamSlot RAM = new RamSlot(0, WINDOW);

  private static final MachineRow ROW =
      new MachineRow(
          FAMILY,
          FAMILY,
          "",
          List.of(Ppce500MachineDefaults.WINDOWS),
          Ppce500MachineDefaults.WINDOWS,
          false,
          true,
          LegacyInterface.TRANSITIONAL,
          List.of(RAM),
          List.of(new ReservedRange(new MemoryRange(0, WINDOW), "PCI memory")),
          4096,
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
