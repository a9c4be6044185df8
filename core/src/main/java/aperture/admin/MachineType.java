package aperture.admin;

import java.util.List;

/**
 * A machine type that can be created.
 *
 * @param type full name
 * @param family its family
 * @param version its version, empty when the family has none
 * @param arch the architecture, a word from the bundle
 * @param iommus IOMMU kinds possible
 * @param defaultIommu what a plain machine gets
 * @param offer {@code on} or {@code off}: default of the access-platform offer
 * @param strict {@code on} or {@code off}: default of strictness
 */
public record MachineType(
    String type,
    String family,
    String version,
    String arch,
    List<String> iommus,
    String defaultIommu,
    String offer,
    String strict) {}
