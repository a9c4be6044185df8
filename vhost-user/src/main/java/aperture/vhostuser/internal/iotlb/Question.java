package aperture.vhostuser.internal.iotlb;

import aperture.iommu.Access;

/**
 * What a walk wants to know.
 *
 * @param page IOVA of the page
 * @param access what the device wants to do there
 */
public record Question(long page, Access access) {}
