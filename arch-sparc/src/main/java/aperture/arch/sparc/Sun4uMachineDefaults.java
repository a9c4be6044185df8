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
 * The {@code sun4u} family: not versioned upstream, its host bridge always with an IOMMU. The
 * newest row is our own and offers the bit; the upstream row differs from it in the offer alone.
 *
 * <p>Source: QEMU 7.2, hw/sparc64/sun4u.c (memory, host bridge) and hw/pci-host/sabre.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Sun4uMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + Sun4uMachineDefaults.ARCH
    })
public final class Sun4uMachineDefaults implements MachineDefaults {

  static final String FAMILY = "sun4u";
  static final String ARCH = "sparc";
  static final String IOMMU = "sun4u";

  private static final String OWN_VERSION = "ap1";

  /** Memory lies below the registers of the host bridge. */
  private static final RamSlot RAM = new RamSlot(0, 0x1fe_0000_0000L);

  private static final MachineRow OWN =
      new MachineRow(
          FAMILY + "-" + OWN_VERSION,
          FAMILY,
          OWN_VERSION,
          List.of(IOMMU),
          IOMMU,
          true,
          true,
          LegacyInterface.TRANSITIONAL,
          List.of(RAM),
          List.of(),
          8192,
          ByteOrderName.BIG,
          Map.of(
              // Slot 0 of the second bus behind the host bridge.
              RowProperty.FIRST_REQUESTER_ID, "512",
              RowProperty.BLK_QUEUE_SIZE, "256",
              RowProperty.BLK_DISCARD, "on",
              RowProperty.BLK_WRITE_ZEROES, "on"));

  private static final List<MachineRow> ROWS = List.of(upstream(OWN), OWN);

  /** The same machine as it is upstream: the bit is not offered. */
  private static MachineRow upstream(MachineRow own) {
    return new MachineRow(
        FAMILY,
        FAMILY,
        "",
        own.iommus(),
        own.defaultIommu(),
        false,
        own.strict(),
        own.legacy(),
        own.ram(),
        own.reserved(),
        own.pageSize(),
        own.byteOrder(),
        own.properties());
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
