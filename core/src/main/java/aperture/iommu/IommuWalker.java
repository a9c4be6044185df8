package aperture.iommu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The hardware half: answers what an endpoint's access to an IOVA means.
 *
 * <p>Called by many threads at once, on a guest's own tables: each entry is read once, depth, loops
 * and addresses are bounded, nothing is allocated, nothing is changed, and nothing is thrown.
 *
 * <p>A class, because there are many: a call finds its method at one place in any of them, where
 * that of an interface is searched for. A short walk is little more than its call.
 */
@ConsumerType
public abstract class IommuWalker {

  /**
   * Walks.
   *
   * @param endpoint the requester; it may be one that the tables do not know
   * @param iova the address of the first byte
   * @param access what the endpoint wants to do
   * @param result cleared by the caller; the walker fills it
   */
  public abstract void walk(Endpoint endpoint, long iova, Access access, WalkResult result);
}
