/**
 * The SPI of an IOMMU kind: what an architecture bundle supplies and what it may ask of core.
 *
 * <p>A bundle registers one {@link aperture.iommu.IommuBehavior} per kind. Attached to a machine's
 * {@link aperture.iommu.IommuState} it gives an {@link aperture.iommu.IommuInstance} with a walker
 * (the hardware half) and, where a guest kernel would build the tables, a table driver (the
 * operating-system half). All state, registers and tables, belongs to core: an instance keeps
 * nothing that a swap could lose.
 *
 * <p>Threading: {@link aperture.iommu.IommuWalker#walk} is called by many threads at once and
 * allocates nothing. A table driver is called under the lock of its machine's IOMMU, one thread at
 * a time. Everything else says so where it stands.
 *
 * <p>Consumers import {@code [2.0,3)}, providers {@code [2.0,2.1)}.
 */
@Version("2.0.0")
@NullMarked
package aperture.iommu;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
