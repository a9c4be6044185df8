/**
 * What core keeps of an IOMMU on its machine's behalf: registers, platform-kept tables, and who
 * supplies behaviours.
 */
@NullMarked
package aperture.core.internal.iommu;

import org.jspecify.annotations.NullMarked;
