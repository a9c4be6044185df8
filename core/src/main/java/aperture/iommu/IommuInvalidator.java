package aperture.iommu;

import org.osgi.annotation.versioning.ProviderType;

/**
 * How an IOMMU's software tells core that tables changed. Each call is exact and complete when it
 * returns: cached translations are gone and no device is still using one. It waits only for
 * accesses that overlap, and never for the calling thread's own.
 */
@ProviderType
public interface IommuInvalidator {

  /** One endpoint's range. {@code size} 0 means to the end of the address space. */
  void invalidate(Endpoint endpoint, long iova, long size);

  /** A range of every endpoint whose translations carry the domain tag. */
  void invalidateDomain(int domain, long iova, long size);

  /** Everything of one endpoint. */
  void invalidateEndpoint(Endpoint endpoint);

  /** Everything. */
  void invalidateAll();
}
