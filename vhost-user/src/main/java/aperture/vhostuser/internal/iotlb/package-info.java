/**
 * The device IOTLB: translations that the front end answers with, as an IOMMU kind.
 *
 * <p>Threading: each type says so where it stands.
 */
@NullMarked
package aperture.vhostuser.internal.iotlb;

import org.jspecify.annotations.NullMarked;
