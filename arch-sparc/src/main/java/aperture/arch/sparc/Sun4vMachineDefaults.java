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
 * The {@code sun4v} family: not versioned, a hypervisor's partition whose root complex always has
 * the hypervisor's IOMMU in front. Devices go round it unless told otherwise, as on this
 * architecture's other machines.
 *
 * <p>QEMU's machine of that name has the board of {@code sun4u} and none of the hypervisor's calls;
 * the row says what a guest of the platform is told.
 *
 * <p>Sources: QEMU 7.2, hw/sparc64/sun4u.c (sun4v_class_init; memory, legacy interface); Linux 6.1,
 * arch/sparc/kernel/pci_sun4v.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Sun4vMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + Sun4uMachineDefaults.ARCH
    })
public final class Sun4vMachineDefaults implements MachineDefaults {

  static final String FAMILY = "sun4v";
  static final String IOMMU = "sun4v";

  /** As on the board that QEMU shares between both. */
  private static final RamSlot RAM = new RamSlot(0, 0x1fe_0000_0000L);

  private static final MachineRow ROW =
      new MachineRow(
          FAMILY,
          FAMILY,
          "",
          List.of(IOMMU),
          IOMMU,
          false,
          true,
          LegacyInterface.TRANSITIONAL,
          List.of(RAM),
          List.of(),
          8192,
          ByteOrderName.BIG,
          Map.of(
              RowProperty.FIRST_REQUESTER_ID, "512",
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
