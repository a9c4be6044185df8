package aperture.arch.x86;

import aperture.arch.x86.amdvi.AmdViBehavior;
import aperture.arch.x86.vtd.VtdBehavior;
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
 * The PC with the Q35 host bridge: PCI Express, without an IOMMU, with VT-d or with AMD-Vi; never
 * with two.
 *
 * <p>The newest rows are our own: they have VT-d, and their devices offer access-platform, which
 * rules the legacy registers out. Every row named as in QEMU leaves both to the operator. What is
 * new in {@code -ap2} and {@code -ap3} is that the row says how wide VT-d's addresses are: 48 bits,
 * QEMU's default from 9.2 on, and 57 bits, which no QEMU has.
 *
 * <p>Source: QEMU 7.2, hw/i386/pc_q35.c, and hw/i386/intel_iommu.c, property aw-bits.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + PcQ35MachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=x86"
    })
public final class PcQ35MachineDefaults implements MachineDefaults {

  static final String FAMILY = "pc-q35";

  /** Slot 0 is the host bridge: the first free one is 1. */
  private static final String FIRST_REQUESTER_ID = String.valueOf(1 << 3);

  private static final List<String> IOMMUS =
      List.of(MachineRow.NO_IOMMU, VtdBehavior.KIND, AmdViBehavior.KIND);

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
    MachineRow own = own("7.2-ap1", IOMMUS, VtdBehavior.KIND, properties());
    rows.add(own);
    rows.addFirst(upstream(own));
    PcCompat.prepend(rows, "7.1", "7.0", "6.2", "6.1", "6.0", "5.2", "5.1", "5.0");
    PcCompat.prepend(rows, "4.2", "4.1", "4.0.1", "4.0", "3.1", "3.0", "2.12", "2.11", "2.10");
    PcCompat.prepend(rows, "2.9", "2.8", "2.7", "2.6", "2.5", "2.4");
    rows.add(wide("7.2-ap2", own.iommus(), VtdBehavior.KIND, "48"));
    List<String> kinds = new ArrayList<>(own.iommus());
    kinds.add(Vtd57Behavior.KIND);
    rows.add(wide("7.2-ap3", kinds, Vtd57Behavior.KIND, String.valueOf(Vtd57Behavior.WIDTH)));
    return List.copyOf(rows);
  }

  /** Our first row with a width of VT-d's addresses. */
  private static MachineRow wide(
      String version, List<String> iommus, String defaultIommu, String width) {
    Map<String, String> properties = properties();
    properties.put(VtdBehavior.KIND + ".aw-bits", width);
    return own(version, iommus, defaultIommu, properties);
  }

  private static Map<String, String> properties() {
    Map<String, String> properties = PcCompat.newest(IOMMUS);
    properties.put(RowProperty.FIRST_REQUESTER_ID, FIRST_REQUESTER_ID);
    return properties;
  }

  private static MachineRow own(
      String version, List<String> iommus, String defaultIommu, Map<String, String> properties) {
    return new MachineRow(
        FAMILY + "-" + version,
        FAMILY,
        version,
        iommus,
        defaultIommu,
        true,
        true,
        LegacyInterface.MODERN,
        PcMemory.slots(2),
        PcMemory.RESERVED,
        PcMemory.PAGE_SIZE,
        ByteOrderName.LITTLE,
        properties);
  }

  /** What the newest QEMU row has different from ours: no IOMMU, no offer, legacy registers too. */
  private static MachineRow upstream(MachineRow own) {
    return new MachineRow(
        FAMILY + "-7.2",
        FAMILY,
        "7.2",
        own.iommus(),
        MachineRow.NO_IOMMU,
        false,
        own.strict(),
        LegacyInterface.TRANSITIONAL,
        own.ram(),
        own.reserved(),
        own.pageSize(),
        own.byteOrder(),
        own.properties());
  }
}
