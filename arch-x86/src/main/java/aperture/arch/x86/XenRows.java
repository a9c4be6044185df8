package aperture.arch.x86;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.RowProperty;
import java.util.List;
import java.util.Map;

/**
 * Rows of Xen guests: for each family the machine as it is upstream, without a version, and one of
 * our own that offers access-platform and puts grants in front of every device.
 *
 * <p>Linux on Xen maps for a virtio device whatever the device offers, so that the upstream row and
 * its default are what an old device model meets, and the other what a new one should say.
 */
final class XenRows {

  private static final String OWN_VERSION = "ap1";

  private static final Map<String, String> PROPERTIES =
      Map.of(
          RowProperty.BLK_QUEUE_SIZE, "256",
          RowProperty.BLK_DISCARD, "on",
          RowProperty.BLK_WRITE_ZEROES, "on");

  private XenRows() {}

  /**
   * Both rows, the upstream one first.
   *
   * @param iommus kinds possible, the default of the upstream row first, that of our own last
   * @param legacy registers of the upstream row's devices
   */
  static List<MachineRow> of(
      String family, List<String> iommus, LegacyInterface legacy, List<RamSlot> ram) {
    return List.of(
        row(family, "", iommus, iommus.getFirst(), false, legacy, ram),
        row(family, OWN_VERSION, iommus, iommus.getLast(), true, LegacyInterface.MODERN, ram));
  }

  private static MachineRow row(
      String family,
      String version,
      List<String> iommus,
      String defaultIommu,
      boolean offer,
      LegacyInterface legacy,
      List<RamSlot> ram) {
    return new MachineRow(
        version.isEmpty() ? family : family + "-" + version,
        family,
        version,
        iommus,
        defaultIommu,
        offer,
        true,
        legacy,
        ram,
        PcMemory.RESERVED,
        PcMemory.PAGE_SIZE,
        ByteOrderName.LITTLE,
        PROPERTIES);
  }
}
