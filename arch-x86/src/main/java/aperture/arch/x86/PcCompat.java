package aperture.arch.x86;

import static java.util.Map.entry;

import aperture.arch.x86.vtd.VtdBehavior;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import aperture.machine.RowProperty;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the virtio devices and the IOMMU of a PC differ from those of the next newer version.
 *
 * <p>Source: QEMU 7.2, hw/core/machine.c ({@code hw_compat_*}) and hw/i386/pc.c ({@code
 * pc_compat_*}): a property that a list names for a version holds for it and for all older ones.
 */
final class PcCompat {

  private static final String VTD = VtdBehavior.KIND + ".";

  private static final Map<String, String> NEWEST =
      Map.ofEntries(
          entry(RowProperty.BLK_QUEUE_SIZE, "256"),
          entry(RowProperty.BLK_DISCARD, "on"),
          entry(RowProperty.BLK_WRITE_ZEROES, "on"),
          entry("blk.report-discard-granularity", "on"),
          entry("blk.seg-max-adjust", "on"),
          entry(VTD + "dma-drain", "on"),
          entry(VTD + "pass-through", "on"),
          entry("mem.unplugged-inaccessible", "auto"),
          entry("net.mtu-bypass-backend", "on"),
          entry("pci.ats-page-aligned", "on"),
          entry("pci.express", "on"),
          entry("pci.function-level-reset", "on"),
          entry("pci.page-per-queue", "off"),
          entry("virtio.ignore-backend-features", "off"),
          entry("virtio.legacy-check", "on"),
          entry("virtio.queue-reset", "on"),
          entry("virtio.use-disabled-flag", "on"),
          entry("virtio.use-started", "on"));

  /** The last version whose virtio PCI devices had no modern registers. */
  private static final String LAST_LEGACY = "2.6";

  private static final Map<String, Map<String, String>> BY_VERSION =
      Map.ofEntries(
          entry("7.1", Map.of("virtio.queue-reset", "off")),
          entry("6.2", Map.of("mem.unplugged-inaccessible", "off")),
          entry("5.2", Map.of("net.vectors", "3", "blk.report-discard-granularity", "off")),
          entry("5.1", Map.of(RowProperty.BLK_QUEUES, "1", "pci.ats-page-aligned", "off")),
          entry("5.0", Map.of("virtio.legacy-check", "off")),
          entry(
              "4.2",
              Map.of(
                  RowProperty.BLK_QUEUE_SIZE,
                  "128",
                  "blk.seg-max-adjust",
                  "off",
                  "virtio.use-disabled-flag",
                  "off")),
          entry("4.1", Map.of("pci.function-level-reset", "off")),
          // 4.0.1 differs from 4.1 by all of this and from 4.0 by nothing that is kept here.
          entry("4.0.1", Map.of("virtio.use-started", "off")),
          entry("4.0", Map.of("virtio.use-started", "off")),
          entry(
              "3.1",
              Map.of(
                  RowProperty.BLK_DISCARD,
                  "off",
                  RowProperty.BLK_WRITE_ZEROES,
                  "off",
                  VTD + "dma-drain",
                  "off")),
          entry("2.11", Map.of("blk.vectors", "2")),
          entry("2.9", Map.of(VTD + "pass-through", "off", "net.mtu-bypass-backend", "off")),
          entry("2.7", Map.of("pci.page-per-queue", "on", "virtio.ignore-backend-features", "on")),
          entry("2.4", Map.of("pci.express", "off")),
          entry("2.3", Map.of("blk.any-layout", "off")),
          entry("2.0", Map.of("scsi.any-layout", "off")),
          entry("1.5", Map.of("net.any-layout", "off")));

  private PcCompat() {}

  /** Everything that some version has different, as the newest of a family has it. */
  static Map<String, String> newest(List<String> iommus) {
    Map<String, String> properties = new TreeMap<>(NEWEST);
    properties.keySet().removeIf(name -> !applies(name, iommus));
    return properties;
  }

  /** An IOMMU's property is none of a machine that cannot have it. */
  private static boolean applies(String property, List<String> iommus) {
    return !property.startsWith(VTD) || iommus.contains(VtdBehavior.KIND);
  }

  /** The row of an older version. */
  static MachineRow olderThan(MachineRow successor, String version) {
    Map<String, String> properties = new TreeMap<>(successor.properties());
    BY_VERSION
        .getOrDefault(version, Map.of())
        .forEach((name, value) -> {
          if (applies(name, successor.iommus())) {
            properties.put(name, value);
          }
        });
    return new MachineRow(
        successor.family() + "-" + version,
        successor.family(),
        version,
        successor.iommus(),
        successor.defaultIommu(),
        successor.offer(),
        successor.strict(),
        version.equals(LAST_LEGACY) ? LegacyInterface.LEGACY : successor.legacy(),
        successor.ram(),
        successor.reserved(),
        successor.pageSize(),
        successor.byteOrder(),
        properties);
  }

  /**
   * Puts older versions in front of a chain.
   *
   * @param rows oldest first; receives the new rows at its start
   * @param versions older than the first row, newest of them first
   */
  static void prepend(List<MachineRow> rows, String... versions) {
    for (String version : versions) {
      rows.addFirst(olderThan(rows.getFirst(), version));
    }
  }
}
