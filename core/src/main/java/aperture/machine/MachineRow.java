package aperture.machine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One machine type: a version of a family. A landed row never changes.
 *
 * @param type full name, for example family, dash, version
 * @param family the family's name
 * @param version the version; empty for a family that is not versioned
 * @param iommus IOMMU kinds possible, {@code none} among them where the machine can do without
 * @param defaultIommu what a plain machine gets: one of {@code iommus}
 * @param offer default of the access-platform offer
 * @param strict default of strictness
 * @param legacy which register interface plain virtio devices expose
 * @param ram where memory goes
 * @param reserved IOVAs never handed out
 * @param pageSize the platform's I/O page size in bytes
 * @param byteOrder of the platform's own structures
 * @param properties further facts by name (queue sizes, feature defaults), opaque to core except
 *     those that {@link RowProperty} names
 */
public record MachineRow(
    String type,
    String family,
    String version,
    List<String> iommus,
    String defaultIommu,
    boolean offer,
    boolean strict,
    LegacyInterface legacy,
    List<RamSlot> ram,
    List<ReservedRange> reserved,
    int pageSize,
    ByteOrderName byteOrder,
    Map<String, String> properties) {

  /** The word for "no IOMMU" among {@link #iommus}. */
  public static final String NO_IOMMU = "none";

  public MachineRow {
    iommus = List.copyOf(iommus);
    ram = List.copyOf(ram);
    reserved = List.copyOf(reserved);
    properties = Map.copyOf(properties);
    if (!iommus.contains(defaultIommu)) {
      throw new IllegalArgumentException(
          "row %s: default IOMMU %s is not among %s".formatted(type, defaultIommu, iommus));
    }
  }

  /** A further fact of the row. */
  public Optional<String> property(String name) {
    return Optional.ofNullable(properties.get(name));
  }
}
