/**
 * IOMMU kind {@code spapr-tce}: the translation tables that the hypervisor of a {@code pseries}
 * machine keeps for the guest, one per DMA window.
 *
 * <p>The tables lie in platform memory ({@link aperture.iommu.PlatformTables}): the id is the
 * window's LIOBN, the attributes are {@code bus_offset} and {@code page_shift}. A guest edits them
 * with hypervisor calls alone ({@link aperture.arch.ppc.tce.TceHypercalls}).
 *
 * <p>Threading: the walker is called by many threads; hypervisor calls and the table driver by one
 * at a time.
 */
@NullMarked
package aperture.arch.ppc.tce;

import org.jspecify.annotations.NullMarked;
