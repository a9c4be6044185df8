/**
 * AMD I/O virtualization: device table, host ("v1") page tables of 1 to 6 levels, command buffer
 * and event log.
 *
 * <p>The hardware half is {@link aperture.arch.x86.amdvi.AmdViWalker} (translation), {@link
 * aperture.arch.x86.amdvi.AmdViRegisterFile} (what a register write does), {@link
 * aperture.arch.x86.amdvi.AmdViCommandProcessor} (the command buffer's consumer) and {@link
 * aperture.arch.x86.amdvi.AmdViEventLog}. The operating-system half is {@link
 * aperture.arch.x86.amdvi.AmdViTableDriver} with the tables, IOVAs and the command buffer's
 * producer beside it. The halves meet in registers and guest memory only, as on a real machine.
 * Every {@code Layout} class holds bits of one structure; algorithms hold none.
 *
 * <p>All numbers are of <em>AMD I/O Virtualization Technology (IOMMU) Specification, 48882, rev
 * 3.05</em>; sections are named where a structure is. Registers and tables are little-endian.
 */
@NullMarked
package aperture.arch.x86.amdvi;

import org.jspecify.annotations.NullMarked;
