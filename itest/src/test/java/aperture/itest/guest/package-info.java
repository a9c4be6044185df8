/**
 * A laboratory of real guests: unmodified Linux, booted under QEMU's software emulation on each
 * machine and IOMMU that Aperture serves, doing verified I/O by a plan and saying so on its
 * console; and firmware, which is typed to.
 */
@NullMarked
package aperture.itest.guest;

import org.jspecify.annotations.NullMarked;
