/**
 * The log of memory that the device wrote, from which a front end knows what to send again while a
 * guest moves to another host.
 *
 * <p>Threading: each type says so where it stands.
 */
@NullMarked
package aperture.vhostuser.internal.migration;

import org.jspecify.annotations.NullMarked;
