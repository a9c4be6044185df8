package aperture.iommu;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The operating-system half: what a guest kernel's IOMMU driver does. It builds and edits the real
 * tables, chooses IOVAs, and issues invalidations through {@link IommuState#invalidator()}.
 *
 * <p>Called by one thread at a time, under the lock of the machine's IOMMU. Core keeps the ledger
 * of live mappings; a table driver keeps only what can be rebuilt from it.
 */
@ConsumerType
public interface IommuTableDriver {

  /**
   * Brings the IOMMU up as a kernel does at boot: root structures, registers, translation enabled.
   * Called once for fresh state, never when attaching to state that is already in use.
   *
   * @throws IommuException when memory for tables is used up
   */
  void initialize() throws IommuException;

  /**
   * Gives an endpoint an address space of its own, empty, everything denied.
   *
   * @throws IommuException when the endpoint cannot be expressed, or memory is used up
   */
  void attachEndpoint(Endpoint endpoint) throws IommuException;

  /**
   * Gives an endpoint the identity instead: every address of guest memory means itself, nothing is
   * mapped and nothing denied, but each access still goes through the IOMMU (pass-through). Only
   * kinds with {@link IommuCapabilities#identity} can. {@link #detachEndpoint} ends it, and {@link
   * #map} is not called meanwhile.
   *
   * @throws IommuException when the endpoint cannot be expressed, or memory is used up
   */
  default void attachIdentity(Endpoint endpoint) throws IommuException {
    throw new IommuException("%s cannot be given the identity".formatted(endpoint.id()));
  }

  /**
   * Takes the endpoint's address space away again, or its identity; its table pages go back to the
   * allocator.
   */
  void detachEndpoint(Endpoint endpoint);

  /**
   * Maps guest-physical memory.
   *
   * @param gpa first byte, a multiple of {@link #pageSize()}
   * @param size bytes, a multiple of {@link #pageSize()}
   * @param permission what the endpoint may do
   * @param limit highest IOVA that the endpoint can express (its address mask)
   * @return the IOVA chosen
   * @throws IommuException when the aperture below {@code limit} or the memory is used up; nothing
   *     is mapped then
   */
  long map(Endpoint endpoint, long gpa, long size, Permission permission, long limit)
      throws IommuException;

  /**
   * Maps at a given IOVA: used to rebuild tables from the ledger, every IOVA kept.
   *
   * @throws IommuException when the IOVA cannot be expressed or is taken
   */
  void mapAt(Endpoint endpoint, long iova, long gpa, long size, Permission permission)
      throws IommuException;

  /**
   * Unmaps exactly what one {@link #map} mapped, and invalidates it: when this returns, no device
   * reaches the memory through the old entry. Only where the operator chose so by an option may a
   * driver put the invalidation off, and not give the IOVA to anybody before it is done.
   */
  void unmap(Endpoint endpoint, long iova, long size);

  /**
   * Whether invalidations are put off: devices may still reach something that was unmapped. Core
   * asks after each {@link #unmap}, and calls {@link #flush} within 10 ms if so. A {@link
   * FlushQueue} keeps what is put off.
   */
  default boolean deferred() {
    return false;
  }

  /** Does all that was put off: when this returns, no device reaches anything that was unmapped. */
  default void flush() {}

  /** Smallest unit that can be mapped, in bytes; a power of two. */
  int pageSize();
}
