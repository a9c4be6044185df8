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
 * The {@code sbsa-ref} family: not versioned, always with an SMMU, no message interrupts.
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

  private static final MachineRow ROW =
      new MachineRow(
          FAMILY,
          FAMILY,
          "",
          List.of(VirtMachineDefaults.SMMU),
          VirtMachineDefaults.SMMU,
          false,
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

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public List<MachineRow> rows() {
    return List.of(ROW);
  }
}
