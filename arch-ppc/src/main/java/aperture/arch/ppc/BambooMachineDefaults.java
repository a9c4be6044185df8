package aperture.arch.ppc;

import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * An evaluation board with an embedded processor (PowerPC 440), its host bridge without an IOMMU.
 *
 * <p>Source: QEMU 7.2, hw/ppc/ppc440_bamboo.c; hw/ppc/ppc4xx_sdram.c (four banks).
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + BambooMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class BambooMachineDefaults implements MachineDefaults {

  static final String FAMILY = "bamboo";

  private static final long MOST_MEMORY = 1L << 30;
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
