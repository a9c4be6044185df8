package aperture.arch.ppc;

import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * The newer PowerMac: host bridges (UniNorth) without an IOMMU. That of its 64-bit successor, DART,
 * is not in QEMU.
 *
 * <p>Source: QEMU 7.2, hw/ppc/mac_newworld.c; the first slot free on the bus that devices are put
 * on.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Mac99MachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class Mac99MachineDefaults implements MachineDefaults {

  static final String FAMILY = "mac99";

  private static final long MOST_MEMORY = 2L << 30;
  private static final int FIRST_SLOT = 13;

  private static final List<MachineRow> ROWS = PlainRows.of(FAMILY, MOST_MEMORY, FIRST_SLOT);

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ROWS;
  }
}
