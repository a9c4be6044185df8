/**
 * IOMMU kind {@code sun4v}: translation tables that the hypervisor of a SPARC partition keeps, and
 * the calls by which a guest edits them.
 *
 * <p>A root complex has one table for a window of 32-bit addresses (call group 0x100), and where
 * the hypervisor has an address translation unit (group 0x111) further ones, called IOTSBs, that
 * devices are bound to. How the hypervisor stores an entry is its own affair; here all tables are
 * platform tables ({@link aperture.iommu.PlatformTables}): id 0 the first one, others by their
 * handle, and one that says which device is bound to what.
 *
 * <p>Nothing in QEMU 7.2 answers these calls: the model follows what the guest's side is written
 * against.
 *
 * <p>Threading: the walker is called by many threads, everything else by one at a time.
 */
@NullMarked
package aperture.arch.sparc.sun4v;

import org.jspecify.annotations.NullMarked;
