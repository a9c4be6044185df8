package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.Registers;

/**
 * What an invalidation makes core forget, whichever way software asked for it.
 *
 * <p>Core caches what a whole walk found, tagged with its domain: whoever invalidates a structure
 * on the way invalidates the translations that came from it. So the context cache, the PASID cache
 * and the IOTLB are one cache here, and so is a device's own.
 *
 * <p>Source: Intel VT-d, rev 5.10, sections 6.2, Address Translation Caches, and 6.5, Invalidation
 * of Translation Caches.
 */
final class VtdInvalidations {

  private final IommuState state;
  private final Registers registers;
  private final IommuInvalidator invalidator;

  VtdInvalidations(IommuState state) {
    this.state = state;
    this.registers = state.registers();
    this.invalidator = state.invalidator();
  }

  void everything() {
    invalidator.invalidateAll();
  }

  /** All context entries of a domain; those of scalable mode name none. */
  void contextsOf(int domain) {
    if (RootAddressLayout.mode(registers.get(RTADDR)) == RootAddressLayout.TTM_SCALABLE) {
      everything();
    } else {
      domain(domain);
    }
  }

  /**
   * The context entries of a device's functions.
   *
   * @param ignored bits of the source id that may differ
   */
  void device(int sourceId, int ignored) {
    for (Endpoint endpoint : state.endpoints()) {
      if ((endpoint.requesterId() | ignored) == (sourceId | ignored)) {
        invalidator.invalidateEndpoint(endpoint);
      }
    }
  }

  void domain(int domain) {
    invalidator.invalidateDomain(domain, 0, 0);
  }

  /**
   * Pages of a domain.
   *
   * @param address in the first page; its low bits do not count
   * @param addressMask log2 of the pages
   * @return false when the unit takes no mask that large; nothing happened then
   */
  boolean pages(int domain, long address, int addressMask) {
    long cap = registers.get(CAP);
    if (addressMask > CapabilityLayout.maximumAddressMask(cap)) {
      return false;
    }
    if (CapabilityLayout.pageSelective(cap)) {
      long size = (long) SecondLevelLayout.PAGE_SIZE << addressMask;
      invalidator.invalidateDomain(domain, address & -size, size);
    } else {
      domain(domain);
    }
    return true;
  }

  /**
   * A range of what a device itself holds, for requests without PASID, of one PASID, or of all.
   *
   * @param size bytes; 0 for everything
   * @return false when there is no such device to answer
   */
  boolean deviceTlb(int sourceId, int pasid, boolean allPasids, long address, long size) {
    boolean answered = false;
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() == sourceId) {
        answered = true;
        if (allPasids || Requests.pasid(endpoint) == pasid) {
          // From address 0, size 0 means everything to the invalidator too.
          invalidator.invalidate(endpoint, size == 0 ? 0 : address & -size, size);
        }
      }
    }
    return answered;
  }
}
