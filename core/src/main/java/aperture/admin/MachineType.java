package aperture.admin;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import java.util.List;
import java.util.Map;

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
 * @param legacy which registers plain virtio devices have: both, modern ones or legacy ones
 * @param ram guest-physical ranges where memory goes, for people
 * @param reserved IOVAs never handed out, and what they are, for people
 * @param pageSize the platform's I/O page size in bytes
 * @param byteOrder of the platform's own structures
 * @param properties further facts by name
 * @param newest whether it is the newest version of its family
 * @param next type of the next version of the family; empty for the newest
 * @param difference in what it differs from the next version; empty when in nothing
 */
public record MachineType(
    String type,
    String family,
    String version,
    String arch,
    List<String> iommus,
    String defaultIommu,
    String offer,
    String strict,
    LegacyInterface legacy,
    List<String> ram,
    List<String> reserved,
    int pageSize,
    ByteOrderName byteOrder,
    Map<String, String> properties,
    boolean newest,
    String next,
    List<RowDifference> difference) {}
