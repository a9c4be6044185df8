package aperture.core.internal.machine;

/**
 * How a machine's devices are connected, as its maker chose.
 *
 * @param identity whether devices behind the IOMMU get the identity instead of address spaces of
 *     their own
 * @param busBypass whether the root bus is not behind the IOMMU
 * @param confidential whether memory is kept from the host
 */
public record Fabric(boolean identity, boolean busBypass, boolean confidential) {}
