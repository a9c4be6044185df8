package aperture.arch.ppc;

import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * The older PowerMac: its host bridge (Grackle) has no IOMMU.
 *
 * <p>Source: QEMU 7.2, hw/ppc/mac_oldworld.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + G3beigeMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class G3beigeMachineDefaults implements MachineDefaults {

  static final String FAMILY = "g3beige";

  private static final long MOST_MEMORY = 2047L << 20;
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
