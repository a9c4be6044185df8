package aperture.iommu;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Core's record of live mappings made through a table driver: from it an IOVA allocator, or whole
 * tables, are rebuilt after a swap. Read under the lock of the machine's IOMMU.
 */
@ProviderType
public interface MappingLedger {

  /** Number of live mappings. */
  int size();

  /** Visits every live mapping, in no particular order. */
  void forEach(Visitor visitor);

  /** Receives one mapping, page-aligned as the table driver saw it. */
  @FunctionalInterface
  interface Visitor {
    void visit(Endpoint endpoint, long iova, long gpa, long size, Permission permission);
  }
}
