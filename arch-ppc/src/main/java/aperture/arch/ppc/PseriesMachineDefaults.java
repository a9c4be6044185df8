package aperture.arch.ppc;

import static aperture.arch.ppc.RowChain.legacy;
import static aperture.arch.ppc.RowChain.property;

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
 * The {@code pseries} family. The host bridge's TCE tables cannot be removed, yet no upstream
 * version offers the bit: the acknowledged bypass of this platform, because guests without dynamic
 * windows would squeeze all their I/O through 1 GiB. The newest row is our own: it offers the bit,
 * and its kernel makes a second window.
 *
 * <p>Sources: QEMU 7.2, hw/ppc/spapr.c (spapr_machine_*_class_options), hw/ppc/spapr_pci.c (default
 * window, MSI window), include/hw/pci-host/spapr.h (SPAPR_PCI_BASE) and hw/core/machine.c
 * (hw_compat_*).
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + PseriesMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class PseriesMachineDefaults implements MachineDefaults {

  static final String FAMILY = "pseries";
  static final String ARCH = "ppc";
  static final String TCE = "spapr-tce";
  static final String TCE_DDW = "spapr-tce-ddw";

  private static final String OWN_VERSION = "7.2-ap1";

  private static final long KIB = 1L << 10;
  private static final long TIB = 1L << 40;

  /** Host bridges begin at 32 TiB; memory lies below them. */
  private static final RamSlot RAM = new RamSlot(0, 32 * TIB);

  private static final ReservedRange MSI =
      new ReservedRange(new MemoryRange(4 * TIB, 64 * KIB), "message interrupts");

  private static final MachineRow NEWEST =
      new MachineRow(
          FAMILY + "-7.2",
          FAMILY,
          "7.2",
          List.of(TCE),
          TCE,
          false,
          true,
          LegacyInterface.TRANSITIONAL,
          List.of(RAM),
          List.of(MSI),
          4096,
          ByteOrderName.BIG,
          Map.ofEntries(
              Map.entry(RowProperty.FIRST_REQUESTER_ID, "0"),
              Map.entry(RowProperty.BLK_QUEUE_SIZE, "256"),
              Map.entry(RowProperty.BLK_DISCARD, "on"),
              Map.entry(RowProperty.BLK_WRITE_ZEROES, "on"),
              Map.entry("virtio.queue-reset", "on"),
              Map.entry("blk.report-discard-granularity", "on"),
              Map.entry("blk.seg-max-adjust", "on"),
              Map.entry("net.mtu-bypass-backend", "on"),
              Map.entry("pci.ats-page-aligned", "on"),
              Map.entry("pci.flr", "on"),
              Map.entry("pci.page-per-vq", "off"),
              Map.entry("pci.express", "on"),
              Map.entry("virtio.any-layout", "on"),
              Map.entry("virtio.legacy-check", "on"),
              Map.entry("virtio.use-disabled-flag", "on"),
              Map.entry("virtio.use-started", "on"),
              Map.entry("virtio.ignore-backend-features", "off"),
              Map.entry("spapr.extended-config-space", "on"),
              Map.entry("spapr.ddw", "on"),
              // One bit for each page size: 4 KiB, 64 KiB, 2 MiB, 16 MiB.
              Map.entry("spapr.page-sizes", "0x1211000")));

  private static final List<MachineRow> UPSTREAM =
      RowChain.newest(NEWEST)
          .older("7.1", property("virtio.queue-reset", "off"))
          .older("7.0")
          .older("6.2")
          .older("6.1")
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
          .older("4.1", property("pci.flr", "off"), property("spapr.page-sizes", "0x11000"))
          .older("4.0", property("virtio.use-started", "off"))
          .older(
              "3.1",
              property(RowProperty.BLK_DISCARD, "off"),
              property(RowProperty.BLK_WRITE_ZEROES, "off"))
          .older("3.0")
          .older("2.12")
          // The same machine with other defaults of the processor.
          .variant("2.12-sxxm")
          .older("2.11", property("blk.vectors", "2"))
          .older("2.10")
          .older("2.9", property("net.mtu-bypass-backend", "off"))
          .older("2.8", property("spapr.extended-config-space", "off"))
          .older(
              "2.7",
              property("pci.page-per-vq", "on"),
              property("virtio.ignore-backend-features", "on"),
              property("spapr.pre-2.8-migration", "on"),
              property("spapr.mem-window", "0xf80000000"),
              property("spapr.mem64-window", "0"))
          .older("2.6", legacy(LegacyInterface.LEGACY), property("spapr.ddw", "off"))
          .older("2.5")
          .older("2.4", property("pci.express", "off"))
          .older("2.3", property("virtio.any-layout", "off"))
          .older("2.2")
          .older("2.1")
          .oldestFirst();

  /** The newest machine under a kernel with dynamic windows, its devices telling the truth. */
  private static final MachineRow OWN =
      RowChain.own(NEWEST, OWN_VERSION, List.of(TCE_DDW), TCE_DDW, true);

  private static final List<MachineRow> ALL =
      Stream.concat(UPSTREAM.stream(), Stream.of(OWN)).toList();

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ALL;
  }
}
