package aperture.testkit;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.memory.MemoryRange;
import java.util.List;
import java.util.Map;

/**
 * The machine family that goes with {@link FlatBehavior}: two versions, the newer offers the bit.
 */
public final class FlatRow implements MachineDefaults {

  public static final String FAMILY = "flat";
  public static final String ARCH = "testarch";

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return List.of(row("1.0", false), row("2.0", true));
  }

  /** A row of the family. */
  public static MachineRow row(String version, boolean offer) {
    return new MachineRow(
        FAMILY + "-" + version,
        FAMILY,
        version,
        List.of(MachineRow.NO_IOMMU, FlatBehavior.KIND),
        FlatBehavior.KIND,
        offer,
        true,
        LegacyInterface.MODERN,
        List.of(new RamSlot(0, 1L << 30), new RamSlot(4L << 30, 1L << 40)),
        List.of(new ReservedRange(new MemoryRange(0x100000, 0x10000), "interrupts")),
        4096,
        ByteOrderName.LITTLE,
        Map.of());
  }
}
