package aperture.arch.arm64;

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
 * The {@code sbsa-ref} family: not versioned upstream, always with an SMMU, no message interrupts.
 * The newest row is our own and offers the bit; the upstream row differs from it in the offer
 * alone.
 *
 * <p>Source: QEMU 7.2, hw/arm/sbsa-ref.c, sbsa_ref_memmap.
 */
@Component(
    property = {
      MachineDefaults.FAMILY_PROPERTY + "=" + SbsaRefMachineDefaults.FAMILY,
      MachineDefaults.ARCH_PROPERTY + "=" + VirtMachineDefaults.ARCH
    })
public final class SbsaRefMachineDefaults implements MachineDefaults {

  static final String FAMILY = "sbsa-ref";

  private static final long TIB = 1L << 40;

  private static final String OWN_VERSION = "ap1";

  /** The upstream row, then our own: its devices offer the bit. */
  private static final List<MachineRow> ROWS =
      List.of(row(FAMILY, "", false), row(FAMILY + "-" + OWN_VERSION, OWN_VERSION, true));

  private static MachineRow row(String type, String version, boolean offer) {
    return new MachineRow(
        type,
        FAMILY,
        version,
        List.of(VirtMachineDefaults.SMMU),
        VirtMachineDefaults.SMMU,
        offer,
        true,
        LegacyInterface.TRANSITIONAL,
        List.of(new RamSlot(TIB, 8 * TIB)),
        Reservations.WITHOUT_DOORBELL,
        4096,
        ByteOrderName.LITTLE,
        Map.of(
            RowProperty.FIRST_REQUESTER_ID,
            "8",
            RowProperty.BLK_QUEUE_SIZE,
            "256",
            RowProperty.BLK_DISCARD,
            "on",
            RowProperty.BLK_WRITE_ZEROES,
            "on",
            "msi.controller",
            "none"));
  }

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return ROWS;
  }
}
