package aperture.core.internal.dma;

import aperture.dma.DmaException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;

/**
 * The endpoints behind an IOMMU: each with an address space of its own, or with the identity.
 * Edited under the IOMMU's lock.
 */
public final class UnitEndpoints {

  private final IommuUnit unit;
  private final Orphans orphans;
  private final EndpointDomains domains = new EndpointDomains();

  /**
   * @param orphans endpoints that left while no driver was attached; under the IOMMU's lock
   */
  UnitEndpoints(IommuUnit unit, Orphans orphans) {
    this.unit = unit;
    this.orphans = orphans;
  }

  /** Which endpoints have the identity; under the IOMMU's lock. */
  EndpointDomains domains() {
    return domains;
  }

  /** Adds an endpoint and gives it an address space of its own. */
  public void add(EndpointDma face) throws DmaException {
    add(face, false);
  }

  /**
   * Adds an endpoint and gives it an address space of its own, or the identity.
   *
   * @throws DmaException when the kind cannot express it or nobody is attached; the identity on the
   *     fabric may be used again then
   */
  public void add(EndpointDma face, boolean identity) throws DmaException {
    Endpoint endpoint = face.endpoint();
    unit.lock().lock();
    try {
      IommuTableDriver driver = unit.awaitDriver();
      if (endpoint.index() >= Ledger.MAX_ENDPOINTS) {
        throw new DmaException(
            "machine %s has room for %d endpoints".formatted(unit.machine(), Ledger.MAX_ENDPOINTS));
      }
      boolean fresh = unit.state().addEndpoint(endpoint);
      boolean attached = false;
      try {
        domains.choose(endpoint, identity);
        domains.attach(driver, endpoint);
        unit.roster().add(face);
        attached = true;
      } finally {
        if (fresh && !attached) {
          unit.state().removeNewestEndpoint();
        }
      }
    } catch (IommuException e) {
      throw new DmaException(String.valueOf(e.getMessage()), e);
    } finally {
      unit.lock().unlock();
    }
  }

  /** Adds an endpoint to tables that somebody else owns. */
  public void addForeign(EndpointDma face) {
    unit.lock().lock();
    try {
      unit.state().addEndpoint(face.endpoint());
      unit.roster().add(face);
    } finally {
      unit.lock().unlock();
    }
  }

  /** An identity on the fabric that is not behind this IOMMU. */
  public void exclude(Endpoint endpoint) {
    unit.lock().lock();
    try {
      unit.state().addEndpoint(endpoint);
    } finally {
      unit.lock().unlock();
    }
  }

  /**
   * Takes an endpoint's address space away, with whatever is still mapped in it; its identity on
   * the fabric stays known. While nobody can edit the tables, that is done before the next grant.
   */
  public void remove(EndpointDma face) {
    unit.lock().lock();
    try {
      orphans.addEndpoint(face.endpoint(), unit.state().ledger());
      Attachment current = unit.attachment();
      if (unit.phase() == IommuUnit.Phase.ATTACHED && current != null) {
        orphans.apply(current.driver(), unit.state().ledger());
      }
      face.iotlb().clear();
      unit.roster().remove(face);
    } finally {
      unit.lock().unlock();
    }
  }

  /** Whether an endpoint has the identity: its addresses are guest-physical ones. */
  public boolean isIdentity(Endpoint endpoint) {
    unit.lock().lock();
    try {
      return domains.isIdentity(endpoint);
    } finally {
      unit.lock().unlock();
    }
  }

  /**
   * Gives an endpoint the identity instead of its address space, or the other way round. Nothing
   * may be mapped for it.
   *
   * @throws DmaException when the kind cannot; it has then what it had before
   */
  public void changeDomain(Endpoint endpoint, boolean identity) throws DmaException {
    unit.lock().lock();
    try {
      IommuTableDriver driver = unit.awaitDriver();
      if (domains.isIdentity(endpoint) == identity) {
        return;
      }
      if (unit.state().ledger().countOf(endpoint) != 0) {
        throw new DmaException(
            "endpoint %s has live mappings: its domain cannot change".formatted(endpoint.id()));
      }
      domains.change(driver, endpoint, identity);
    } catch (IommuException e) {
      throw new DmaException(String.valueOf(e.getMessage()), e);
    } finally {
      unit.lock().unlock();
    }
  }
}
