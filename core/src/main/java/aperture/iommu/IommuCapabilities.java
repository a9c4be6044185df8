package aperture.iommu;

import java.util.Set;

/**
 * What an IOMMU kind can do, and what its platform does not; contract tests respect it.
 *
 * @param pageSizes sizes in bytes that the table driver maps or the walker accepts
 * @param recordsFaults whether hardware tells software about faults
 * @param expressesWriteOnly whether a mapping can allow writes and deny reads
 * @param unmappedFaults whether an access after unmap faults; where it does not (freed entries stay
 *     valid on a dummy page) the old page is still never reached
 * @param sharedAddressSpace whether all endpoints share one address space
 */
public record IommuCapabilities(
    Set<Long> pageSizes,
    boolean recordsFaults,
    boolean expressesWriteOnly,
    boolean unmappedFaults,
    boolean sharedAddressSpace) {

  public IommuCapabilities {
    pageSizes = Set.copyOf(pageSizes);
  }
}
