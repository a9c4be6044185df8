/**
 * IOMMU kind {@code pci-window}: a host bridge that translates nothing page by page, but shows
 * memory to devices through a few windows, at an offset.
 *
 * <p>What lies in a window is within reach of every device, readable and writable, mapped or not:
 * there is no protection beyond the windows' bounds.
 *
 * <p>Threading: the walker is called by many threads, everything else by one at a time.
 */
@NullMarked
package aperture.arch.ppc.window;

import org.jspecify.annotations.NullMarked;
