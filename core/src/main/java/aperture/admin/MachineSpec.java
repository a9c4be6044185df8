package aperture.admin;

import java.util.Optional;

/**
 * A machine to create.
 *
 * @param name its name: letters, digits, dot, dash, underscore
 * @param type machine type
 * @param memory bytes of guest memory, a multiple of 4096
 * @param iommu IOMMU kind, perhaps with options: {@code kind,name=value}; or {@code none}; absent
 *     for the type's default. The option {@code domain=identity}, for kinds that can, gives devices
 *     the identity instead of address spaces of their own
 * @param confidential its memory is kept from the host: every device offers bit 33, none has legacy
 *     registers
 * @param busBypass its root bus is not behind the IOMMU
 */
public record MachineSpec(
    String name,
    String type,
    long memory,
    Optional<String> iommu,
    boolean confidential,
    boolean busBypass) {

  /** A plain machine. */
  public MachineSpec(String name, String type, long memory, Optional<String> iommu) {
    this(name, type, memory, iommu, false, false);
  }
}
