package aperture.admin;

/**
 * A service that an architecture bundle supplies.
 *
 * @param role {@code iommu} or {@code family}
 * @param name IOMMU kind or machine family
 * @param arch architecture, a word from the bundle; empty for an IOMMU kind
 * @param bundle symbolic name of the supplier
 * @param version version of the supplier
 * @param inUse whether it is the one chosen among suppliers of the same name
 * @param machines machines that use it
 */
public record BehaviorInfo(
    String role,
    String name,
    String arch,
    String bundle,
    String version,
    boolean inUse,
    int machines) {}
