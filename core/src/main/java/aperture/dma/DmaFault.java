package aperture.dma;

import aperture.iommu.Access;
import aperture.iommu.IommuFault;
import java.util.List;

/**
 * Why a range could not be translated: a value, not an exception.
 *
 * @param iova first byte of the whole range asked for
 * @param length bytes asked for
 * @param access what was tried
 * @param unmapped sub-ranges where nothing is mapped
 * @param denied sub-ranges that are mapped but not for this access
 * @param cause the first fault in the IOMMU's own words; a fault without IOMMU (address not memory)
 *     has no reason code
 */
public record DmaFault(
    long iova,
    long length,
    Access access,
    List<SubRange> unmapped,
    List<SubRange> denied,
    IommuFault cause) {

  public DmaFault {
    unmapped = List.copyOf(unmapped);
    denied = List.copyOf(denied);
  }

  /**
   * A part of the range.
   *
   * @param iova first byte
   * @param length bytes
   */
  public record SubRange(long iova, long length) {}

  public String describe() {
    return cause.describe();
  }
}
