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
 * @param protects whether it keeps a device from memory that nobody mapped for it; fixed windows of
 *     a bus bridge do not, and a platform does not describe them as an IOMMU
 * @param identity whether an endpoint can be given the identity, {@link
 *     IommuTableDriver#attachIdentity}
 */
public record IommuCapabilities(
    Set<Long> pageSizes,
    boolean recordsFaults,
    boolean expressesWriteOnly,
    boolean unmappedFaults,
    boolean sharedAddressSpace,
    boolean protects,
    boolean identity) {

  public IommuCapabilities {
    pageSizes = Set.copyOf(pageSizes);
  }

  /** Of a kind that protects, and has no identity. */
  public IommuCapabilities(
      Set<Long> pageSizes,
      boolean recordsFaults,
      boolean expressesWriteOnly,
      boolean unmappedFaults,
      boolean sharedAddressSpace) {
    this(
        pageSizes,
        recordsFaults,
        expressesWriteOnly,
        unmappedFaults,
        sharedAddressSpace,
        true,
        false);
  }

  /** The same, with {@link #identity}. */
  public IommuCapabilities withIdentity() {
    return new IommuCapabilities(
        pageSizes,
        recordsFaults,
        expressesWriteOnly,
        unmappedFaults,
        sharedAddressSpace,
        protects,
        true);
  }

  /** The same, without {@link #protects}. */
  public IommuCapabilities withoutProtection() {
    return new IommuCapabilities(
        pageSizes,
        recordsFaults,
        expressesWriteOnly,
        unmappedFaults,
        sharedAddressSpace,
        false,
        identity);
  }
}
