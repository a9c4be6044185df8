/**
 * Xen guests: what a device's address means when a hypervisor stands between guest memory and the
 * bus, and no IOMMU is described to the guest.
 *
 * <p>Two kinds. In a {@code xen-pv} guest a frame number is a machine's: a bus address is a machine
 * address, guest-physical memory is scattered over the machine, and the guest's own list says where
 * each page lies. In a {@code xen-hvm} guest, fully virtualized or PVH, frame numbers are the
 * guest's own, and devices reach what was granted to them and nothing else. In both, an address
 * with bit 63 set is a grant reference: an entry of the grant table in guest memory, which lets
 * another domain use one frame.
 *
 * <p>{@link aperture.arch.x86.xen.XenPvWalker} and {@link aperture.arch.x86.xen.XenHvmWalker} are
 * the hypervisor and the back end's half, {@link aperture.arch.x86.xen.XenTableDriver} the guest
 * kernel's. Every {@code Layout} class holds bits of one structure; algorithms hold none.
 *
 * <p>Sources: Xen's public headers, xen/include/public/grant_table.h (version 1 entries) and
 * xen/include/public/xen.h; Linux 6.1, drivers/xen/grant-dma-ops.c, drivers/xen/grant-table.c,
 * arch/x86/xen/p2m.c. Everything is little-endian.
 */
@NullMarked
package aperture.arch.x86.xen;

import org.jspecify.annotations.NullMarked;
