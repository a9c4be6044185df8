package aperture.arch.arm64;

import aperture.machine.ReservedRange;
import aperture.memory.MemoryRange;
import java.util.List;

/**
 * IOVAs that no driver is given on these machines.
 *
 * <p>A message-interrupt doorbell is translated here like any other write, so it needs a mapping.
 * The kernel keeps a window of IOVAs for that; the doorbells of these machines lie at the same
 * numbers inside that window, and are listed with it so that the table driver knows what to map.
 *
 * <p>Sources: QEMU 7.2, hw/arm/virt.c, base_memmap; Linux 6.1,
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, MSI_IOVA_BASE and MSI_IOVA_LENGTH.
 */
final class Reservations {

  static final ReservedRange SOFTWARE_MSI =
      new ReservedRange(new MemoryRange(0x0800_0000L, 0x10_0000L), "software MSI window");

  private static final ReservedRange ITS =
      new ReservedRange(new MemoryRange(0x0809_0000L, 0x1_0000L), "ITS doorbell");

  private static final ReservedRange V2M =
      new ReservedRange(new MemoryRange(0x0802_0000L, 0x1000L), "GICv2m doorbell");

  static final List<ReservedRange> WITH_ITS = List.of(SOFTWARE_MSI, ITS);
  static final List<ReservedRange> WITH_V2M = List.of(SOFTWARE_MSI, V2M);
  static final List<ReservedRange> WITHOUT_DOORBELL = List.of(SOFTWARE_MSI);

  private Reservations() {}
}
