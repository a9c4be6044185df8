package aperture.core.internal.dma;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuTableDriver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was let go of while nobody could edit the tables: mappings, and endpoints that left. The
 * tables still hold them and so does the ledger, because a newcomer must take their addresses for
 * used until they are gone; nobody translates through them, and they go before anybody does.
 * Guarded by the lock of the IOMMU.
 */
final class Orphans {

  private final Set<Mapping> mappings = new LinkedHashSet<>();
  private final List<Endpoint> endpoints = new ArrayList<>();

  private record Mapping(Endpoint endpoint, long iova, long size) {}

  /** A mapping whose driver let go of it. */
  void add(Endpoint endpoint, long iova, long size) {
    mappings.add(new Mapping(endpoint, iova, size));
  }

  /** An endpoint that left, with whatever was still mapped for it. */
  void addEndpoint(Endpoint endpoint, Ledger ledger) {
    ledger.forEachOf(endpoint, (owner, iova, gpa, size, permission) -> add(owner, iova, size));
    endpoints.add(endpoint);
  }

  boolean contains(Endpoint endpoint, long iova, long size) {
    return !mappings.isEmpty() && mappings.contains(new Mapping(endpoint, iova, size));
  }

  int countOf(Endpoint endpoint) {
    return (int) mappings.stream().filter(m -> m.endpoint().index() == endpoint.index()).count();
  }

  /**
   * Takes everything out of the tables.
   *
   * @throws IllegalStateException when there is something and no driver to do it
   */
  void apply(@Nullable IommuTableDriver driver, Ledger ledger) {
    if (mappings.isEmpty() && endpoints.isEmpty()) {
      return;
    }
    if (driver == null) {
      throw new IllegalStateException("it has no table driver to end mappings with");
    }
    for (Iterator<Mapping> left = mappings.iterator(); left.hasNext(); ) {
      Mapping mapping = left.next();
      driver.unmap(mapping.endpoint(), mapping.iova(), mapping.size());
      ledger.remove(mapping.endpoint(), mapping.iova());
      left.remove();
    }
    for (Iterator<Endpoint> left = endpoints.iterator(); left.hasNext(); ) {
      driver.detachEndpoint(left.next());
      left.remove();
    }
  }

  /** Tables were built anew, without any of them. */
  void forget(Ledger ledger) {
    mappings.forEach(mapping -> ledger.remove(mapping.endpoint(), mapping.iova()));
    mappings.clear();
    endpoints.clear();
  }
}
