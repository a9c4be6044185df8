package aperture.arch.ppc;

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
 * The {@code ppce500} family: not versioned, no IOMMU. The bridge's inbound windows show memory to
 * devices at its own addresses, so a bus address is a physical one. The newest row is our own: the
 * windows themselves are there, for whoever wants to see or to move them.
 *
 * <p>Source: QEMU 7.2, hw/ppc/e500plat.c (addresses of the PCI window, first slot) and
 * hw/pci-host/ppce500.c (inbound windows).
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Ppce500MachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class Ppce500MachineDefaults implements MachineDefaults {

  static final String FAMILY = "ppce500";
  static final String WINDOWS = "pci-window";

  private static final String OWN_VERSION = "ap1";

  /** PCI memory begins at 48 GiB. */
  private static final RamSlot RAM = new RamSlot(0, 48L << 30);

  private static final MachineRow ROW =
      new MachineRow(
          FAMILY,
          FAMILY,
          "",
          List.of(MachineRow.NO_IOMMU),
          MachineRow.NO_IOMMU,
          false,
          true,
          LegacyInterface.TRANSITIONAL,
          List.of(RAM),
          List.of(),
          4096,
          ByteOrderName.BIG,
          Map.of(
              RowProperty.FIRST_REQUESTER_ID, "8",
              RowProperty.BLK_QUEUE_SIZE, "256",
              RowProperty.BLK_DISCARD, "on",
              RowProperty.BLK_WRITE_ZEROES, "on"));

  /** The same machine with its windows modelled. */
  private static final MachineRow OWN =
      RowChain.own(ROW, OWN_VERSION, List.of(MachineRow.NO_IOMMU, WINDOWS), WINDOWS, ROW.offer());

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return List.of(ROW, OWN);
  }
}
