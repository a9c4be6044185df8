package aperture.core.internal.dma;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import java.util.BitSet;

/**
 * Which endpoints have the identity instead of an address space of their own. Outlives behaviours.
 * Guarded by the lock of the IOMMU.
 */
final class EndpointDomains {

  private final BitSet identity = new BitSet();

  /** Chooses what {@link #attach} gives the endpoint. */
  void choose(Endpoint endpoint, boolean identityDomain) {
    identity.set(endpoint.index(), identityDomain);
  }

  boolean isIdentity(Endpoint endpoint) {
    return identity.get(endpoint.index());
  }

  /** Gives the endpoint what was chosen for it. */
  void attach(IommuTableDriver driver, Endpoint endpoint) throws IommuException {
    if (isIdentity(endpoint)) {
      driver.attachIdentity(endpoint);
    } else {
      driver.attachEndpoint(endpoint);
    }
  }

  /**
   * Changes what the endpoint has; what was before is back when that fails.
   *
   * @param identityDomain whether it shall have the identity
   */
  void change(IommuTableDriver driver, Endpoint endpoint, boolean identityDomain)
      throws IommuException {
    driver.detachEndpoint(endpoint);
    choose(endpoint, identityDomain);
    try {
      attach(driver, endpoint);
    } catch (IommuException e) {
      choose(endpoint, !identityDomain);
      attach(driver, endpoint);
      throw e;
    }
  }
}
