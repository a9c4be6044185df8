package tern;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RamSlot;
import aperture.machine.ReservedRange;
import aperture.memory.MemoryRange;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** The {@code tern} family: the older version does not offer the bit, the newer does. */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + TernMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=tern"
    })
public final class TernMachineDefaults implements MachineDefaults {

  static final String FAMILY = "tern";

  private static final long RAM_BASE = 0x8000_0000L;
  private static final long RAM_CAPACITY = 1L << 34;
  private static final MemoryRange DOORBELLS = new MemoryRange(0x40_0000, 0x1_0000);

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    MachineRow newest = row("1.1", true);
    return List.of(row("1.0", false), newest);
  }

  private static MachineRow row(String version, boolean offer) {
    return new MachineRow(
        FAMILY + "-" + version,
        FAMILY,
        version,
        List.of(MachineRow.NO_IOMMU, TernBehavior.KIND),
        TernBehavior.KIND,
        offer,
        true,
        LegacyInterface.MODERN,
        List.of(new RamSlot(RAM_BASE, RAM_CAPACITY)),
        List.of(new ReservedRange(DOORBELLS, "interrupt doorbells")),
        TableLayout.PAGE_BYTES,
        ByteOrderName.BIG,
        Map.of());
  }
}
