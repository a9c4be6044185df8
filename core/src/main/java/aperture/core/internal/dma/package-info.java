/**
 * The DMA engine: IOTLB, sessions of queue workers, the driver face. One instance of everything per
 * endpoint; {@code UnitGate} ties endpoints to their machine's IOMMU.
 */
@NullMarked
package aperture.core.internal.dma;

import org.jspecify.annotations.NullMarked;
