/**
 * IOMMU kind {@code sun4u}: the IOMMU of a Sabre or Psycho host bridge, with one table of
 * translations (TSB) in memory for the whole bus.
 *
 * <p>Registers: {@code IOMMU_CONTROL}, {@code IOMMU_TSBBASE}, the diagnostic registers {@code
 * IOMMU_TAG0} to {@code 15} and {@code IOMMU_DATA0} to {@code 15}, and {@code UE_AFSR}. The flush
 * register is write-only and has no value; writing it is a call to {@link
 * aperture.iommu.IommuInvalidator}. All structures are big-endian.
 *
 * <p>Threading: the walker is called by many threads; the table driver and the fault registers by
 * one at a time.
 */
@NullMarked
package aperture.arch.sparc.sun4u;

import org.jspecify.annotations.NullMarked;
