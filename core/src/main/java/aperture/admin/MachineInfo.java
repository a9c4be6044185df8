package aperture.admin;

import java.util.List;

/**
 * A running machine.
 *
 * @param name its name
 * @param type machine type
 * @param arch architecture, a word from the bundle
 * @param memory bytes of guest memory
 * @param memoryUsed bytes handed out to tables, rings and buffers
 * @param iommu IOMMU kind, or {@code none}
 * @param iommuState {@code none}, {@code attached}, {@code revoked} (waiting for a behaviour) or
 *     {@code closed}
 * @param behavior who supplies the behaviour: bundle and version; empty when nobody
 * @param ram guest-physical ranges, for people
 * @param reserved IOVAs never handed out, for people
 * @param devices names of its devices
 */
public record MachineInfo(
    String name,
    String type,
    String arch,
    long memory,
    long memoryUsed,
    String iommu,
    String iommuState,
    String behavior,
    List<String> ram,
    List<String> reserved,
    List<String> devices) {}
