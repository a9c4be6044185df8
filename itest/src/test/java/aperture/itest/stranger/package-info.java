/** The stranger's IOMMU on a plain class path, held to the contracts that core publishes. */
@NullMarked
package aperture.itest.stranger;

import org.jspecify.annotations.NullMarked;
