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
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/**
 * The {@code powernv} family: bare-metal POWER, one machine for each processor generation, not
 * versioned otherwise. Each host bridge has its own IOMMU, and a PCI Express root port, behind
 * which a plain virtio device has the modern interface alone.
 *
 * <p>Sources: QEMU 7.2, hw/ppc/pnv.c (machines), hw/pci-host/pnv_phb3.c and pnv_phb4.c (messages);
 * skiboot, hw/phys-map.c (memory of the first chip ends at 4 TiB).
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + PowernvMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class PowernvMachineDefaults implements MachineDefaults {

  static final String FAMILY = "powernv";

  private static final String PHB3 = "powernv-phb3";
  private static final String PHB4 = "powernv-phb4";

  private static final RamSlot RAM = new RamSlot(0, 1L << 42);

  private static final ReservedRange MESSAGES_32 =
      new ReservedRange(new MemoryRange(0xffff_0000L, 1L << 16), "message interrupts");

  private static final ReservedRange MESSAGES_64 =
      new ReservedRange(new MemoryRange(1L << 60, 1L << 60), "message interrupts");

  private static final List<MachineRow> ROWS =
      Stream.of(row("8", PHB3), row("9", PHB4), row("10", PHB4)).toList();

  private static MachineRow row(String generation, String iommu) {
    return new MachineRow(
        FAMILY + generation,
        FAMILY,
        generation,
        List.of(iommu),
        iommu,
        false,
        true,
        LegacyInterface.MODERN,
        List.of(RAM),
        List.of(MESSAGES_32, MESSAGES_64),
        4096,
        ByteOrderName.BIG,
        Map.of(
            // The first device on the bus behind the root port.
            RowProperty.FIRST_REQUESTER_ID, "256",
            RowProperty.BLK_QUEUE_SIZE, "256",
            RowProperty.BLK_DISCARD, "on",
            RowProperty.BLK_WRITE_ZEROES, "on"));
  }

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ROWS;
  }
}
