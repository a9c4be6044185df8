/**
 * IOMMU kinds {@code powernv-phb3} and {@code powernv-phb4}: the host bridges of bare-metal POWER
 * machines, with tables of TCEs in memory.
 *
 * <p>A device's requester id leads through a table in memory (RTT) to the number of its
 * partitionable endpoint (PE), that to one of two translation validation entries (TVE) inside the
 * bridge, and that to a tree of TCEs, or to no translation at all. The entries inside the bridge
 * are platform tables ({@link aperture.iommu.PlatformTables}); their ids are the numbers by which
 * software selects them.
 *
 * <p>Bits are named here from the lowest, 0; the documents count from the highest.
 *
 * <p>Threading: the walker is called by many threads, everything else by one at a time.
 */
@NullMarked
package aperture.arch.ppc.phb;

import org.jspecify.annotations.NullMarked;
