package aperture.iommu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The hardware half: answers what an endpoint's access to an IOVA means.
 *
 * <p>Called by many threads at once, on a guest's own tables: each entry is read once, depth, loops
 * and addresses are bounded, nothing is allocated, nothing is changed, and nothing is thrown.
 */
@ConsumerType
public interface IommuWalker {

  /**
   * Walks.
   *
   * @param endpoint the requester; it may be one that the tables do not know
   * @param iova the address of the first byte
   * @param access what the endpoint wants to do
   * @param result cleared by the caller; the walker fills it
   */
  void walk(Endpoint endpoint, long iova, Access access, WalkResult result);
}
