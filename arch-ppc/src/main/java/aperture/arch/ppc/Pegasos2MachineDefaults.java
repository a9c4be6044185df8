package aperture.arch.ppc;

import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * A desktop board whose system controller (MV64361) has no IOMMU.
 *
 * <p>Source: QEMU 7.2, hw/ppc/pegasos2.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Pegasos2MachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class Pegasos2MachineDefaults implements MachineDefaults {

  static final String FAMILY = "pegasos2";

  private static final long MOST_MEMORY = 2L << 30;
  private static final int FIRST_SLOT = 1;

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
