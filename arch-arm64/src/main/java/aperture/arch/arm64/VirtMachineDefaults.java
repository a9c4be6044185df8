package aperture.arch.arm64;

import static aperture.arch.arm64.RowChain.access;
import static aperture.arch.arm64.RowChain.legacy;
import static aperture.arch.arm64.RowChain.property;
import static aperture.arch.arm64.RowChain.reserved;

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
 * The {@code virt} family. The newest row is our own, with an SMMU and the bit on offer; below it
 * stand the upstream versions, which have neither unless asked.
 *
 * <p>Sources: QEMU 7.2, hw/arm/virt.c (virt_machine_*_options, base_memmap) and hw/core/machine.c
 * (hw_compat_*).
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + VirtMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + VirtMachineDefaults.ARCH
    })
public final class VirtMachineDefaults implements MachineDefaults {

  static final String FAMILY = "virt";
  static final String ARCH = "arm64";
  static final String SMMU = "arm-smmuv3";

  private static final long GIB = 1L << 30;
  private static final RamSlot RAM = new RamSlot(GIB, 255 * GIB);

  private static final MachineRow NEWEST =
      new MachineRow(
          FAMILY + "-7.2-ap1",
          FAMILY,
          "7.2-ap1",
          List.of(MachineRow.NO_IOMMU, SMMU),
          SMMU,
          true,
          true,
          LegacyInterface.TRANSITIONAL,
          List.of(RAM),
          Reservations.WITH_ITS,
          4096,
          ByteOrderName.LITTLE,
          Map.ofEntries(
              Map.entry(RowProperty.FIRST_REQUESTER_ID, "8"),
              Map.entry(RowProperty.BLK_QUEUE_SIZE, "256"),
              Map.entry(RowProperty.BLK_DISCARD, "on"),
              Map.entry(RowProperty.BLK_WRITE_ZEROES, "on"),
              Map.entry("msi.controller", "its"),
              Map.entry("virtio.queue-reset", "on"),
              Map.entry("blk.report-discard-granularity", "on"),
              Map.entry("blk.seg-max-adjust", "on"),
              Map.entry("net.mtu-bypass-backend", "on"),
              Map.entry("pci.ats-page-aligned", "on"),
              Map.entry("pci.flr", "on"),
              Map.entry("pci.page-per-vq", "off"),
              Map.entry("virtio.legacy-check", "on"),
              Map.entry("virtio.use-disabled-flag", "on"),
              Map.entry("virtio.use-started", "on"),
              Map.entry("virtio.ignore-backend-features", "off")));

  private static final List<MachineRow> ROWS =
      RowChain.newest(NEWEST)
          .older("7.2", access(MachineRow.NO_IOMMU, false))
          .older("7.1", property("virtio.queue-reset", "off"))
          .older("7.0")
          .older("6.2")
          .older("6.1", property("msi.controller", "v2m"), reserved(Reservations.WITH_V2M))
          .older("6.0")
          .older(
              "5.2",
              property("net.vectors", "3"),
              property("blk.report-discard-granularity", "off"))
          .older(
              "5.1", property(RowProperty.BLK_QUEUES, "1"), property("pci.ats-page-aligned", "off"))
          .older("5.0", property("virtio.legacy-check", "off"))
          .older(
              "4.2",
              property(RowProperty.BLK_QUEUE_SIZE, "128"),
              property("blk.seg-max-adjust", "off"),
              property("virtio.use-disabled-flag", "off"))
          .older("4.1", property("pci.flr", "off"))
          .older("4.0", property("virtio.use-started", "off"))
          .older(
              "3.1",
              property(RowProperty.BLK_DISCARD, "off"),
              property(RowProperty.BLK_WRITE_ZEROES, "off"))
          .older("3.0")
          .older("2.12")
          .older("2.11", property("blk.vectors", "2"))
          .older("2.10")
          .older("2.9", property("net.mtu-bypass-backend", "off"))
          .older("2.8")
          .older(
              "2.7",
              property("pci.page-per-vq", "on"),
              property("virtio.ignore-backend-features", "on"),
              property("cpu.minimum-page-bits", "0"))
          .older("2.6", legacy(LegacyInterface.LEGACY))
          .oldestFirst();

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ROWS;
  }
}
