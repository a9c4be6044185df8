package aperture.arch.ppc;

import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * The board whose embedded host bridge {@code ppce500} has too: its inbound windows show memory to
 * devices at its own addresses.
 *
 * <p>Source: QEMU 7.2, hw/ppc/mpc8544ds.c (first slot; PCI memory begins at 3 GiB).
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Mpc8544dsMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class Mpc8544dsMachineDefaults implements MachineDefaults {

  static final String FAMILY = "mpc8544ds";

  private static final long MOST_MEMORY = 3L << 30;
  private static final int FIRST_SLOT = 17;

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
