/**
 * Driver faces of kinds that do something of their own with addresses: bounce, map once, grant, or
 * get them wrong. Each is a driver face over another.
 */
@NullMarked
package aperture.guest.dma;

import org.jspecify.annotations.NullMarked;
