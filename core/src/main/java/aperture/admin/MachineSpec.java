package aperture.admin;

import java.util.Optional;

/**
 * A machine to create.
 *
 * @param name its name: letters, digits, dot, dash, underscore
 * @param type machine type
 * @param memory bytes of guest memory, a multiple of 4096
 * @param iommu IOMMU kind, perhaps with options: {@code kind,name=value}; or {@code none}; absent
 *     for the type's default
 */
public record MachineSpec(String name, String type, long memory, Optional<String> iommu) {}
