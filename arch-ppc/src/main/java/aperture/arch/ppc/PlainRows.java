package aperture.arch.ppc;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.RowProperty;
import java.util.List;
import java.util.Map;

/**
 * Rows of machines with PCI, memory from 0 and nothing in front of devices: a bus address is a
 * physical one. None is versioned.
 */
final class PlainRows {

  private static final int SLOT_SHIFT = 3;

  private PlainRows() {}

  /**
   * The only row of a family.
   *
   * @param memory the most that the machine takes, in bytes
   * @param firstSlot the first slot of the bus that is free
   */
  static List<MachineRow> of(String family, long memory, int firstSlot) {
    return List.of(
        new MachineRow(
            family,
            family,
            "",
            List.of(MachineRow.NO_IOMMU),
            MachineRow.NO_IOMMU,
            false,
            true,
            LegacyInterface.TRANSITIONAL,
            List.of(new RamSlot(0, memory)),
            List.of(),
            4096,
            ByteOrderName.BIG,
            Map.of(
                RowProperty.FIRST_REQUESTER_ID, String.valueOf(firstSlot << SLOT_SHIFT),
                RowProperty.BLK_QUEUE_SIZE, "256",
                RowProperty.BLK_DISCARD, "on",
                RowProperty.BLK_WRITE_ZEROES, "on")));
  }
}
