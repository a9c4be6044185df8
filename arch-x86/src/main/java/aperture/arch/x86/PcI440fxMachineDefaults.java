package aperture.arch.x86;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import aperture.machine.RowProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * The PC with the i440FX host bridge: conventional PCI, no IOMMU that could stand in front.
 *
 * <p>Source: QEMU 7.2, hw/i386/pc_piix.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + PcI440fxMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=x86"
    })
public final class PcI440fxMachineDefaults implements MachineDefaults {

  static final String FAMILY = "pc-i440fx";

  /** Slot 0 is the host bridge and slot 1 the ISA bridge: the first free one is 2. */
  private static final String FIRST_REQUESTER_ID = String.valueOf(2 << 3);

  private static final List<String> IOMMUS = List.of(MachineRow.NO_IOMMU);

  private final List<MachineRow> rows = chain();

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return rows;
  }

  private static List<MachineRow> chain() {
    List<MachineRow> rows = new ArrayList<>();
    rows.add(newest());
    PcCompat.prepend(rows, "7.1", "7.0", "6.2", "6.1", "6.0", "5.2", "5.1", "5.0");
    PcCompat.prepend(rows, "4.2", "4.1", "4.0", "3.1", "3.0", "2.12", "2.11", "2.10", "2.9");
    PcCompat.prepend(rows, "2.8", "2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0");
    PcCompat.prepend(rows, "1.7", "1.6", "1.5", "1.4");
    return List.copyOf(rows);
  }

  private static MachineRow newest() {
    Map<String, String> properties = PcCompat.newest(IOMMUS);
    properties.put(RowProperty.FIRST_REQUESTER_ID, FIRST_REQUESTER_ID);
    return new MachineRow(
        FAMILY + "-7.2",
        FAMILY,
        "7.2",
        IOMMUS,
        MachineRow.NO_IOMMU,
        false,
        true,
        LegacyInterface.TRANSITIONAL,
        PcMemory.slots(3),
        PcMemory.RESERVED,
        PcMemory.PAGE_SIZE,
        ByteOrderName.LITTLE,
        properties);
  }
}
