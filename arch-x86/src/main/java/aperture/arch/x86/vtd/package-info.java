/**
 * Intel VT-d: legacy and scalable translation mode, second-level, first-level and nested tables.
 *
 * <p>The hardware half is {@link aperture.arch.x86.vtd.VtdWalker} (translation, with one class for
 * each mode and each kind of table), {@link aperture.arch.x86.vtd.VtdRegisterFile} (what a register
 * write does), {@link aperture.arch.x86.vtd.VtdInvalidationUnit} (the invalidation queue's
 * consumer) and {@link aperture.arch.x86.vtd.VtdFaultRecorder}. The operating-system half is {@link
 * aperture.arch.x86.vtd.VtdTableDriver} with the tables of both modes, IOVAs and the queue's
 * producer beside it. The halves meet in registers and guest memory only, as on a real machine.
 * Every {@code Layout} class holds bits of one structure; algorithms hold none.
 *
 * <p>All numbers are of <em>Intel Virtualization Technology for Directed I/O, Architecture
 * Specification, rev 5.10</em>; sections are named where a structure is. Registers and tables are
 * little-endian.
 */
@NullMarked
package aperture.arch.x86.vtd;

import org.jspecify.annotations.NullMarked;
