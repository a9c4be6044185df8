package aperture.arch.ppc;

import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * A desktop board with an embedded processor (PowerPC 460EX). Its host bridge has inbound windows
 * wherever firmware puts them; they are not modelled: a bus address is taken for a physical one.
 *
 * <p>Source: QEMU 7.2, hw/ppc/sam460ex.c and hw/ppc/ppc440_pcix.c.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + Sam460exMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + PseriesMachineDefaults.ARCH
    })
public final class Sam460exMachineDefaults implements MachineDefaults {

  static final String FAMILY = "sam460ex";

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
