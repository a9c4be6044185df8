/**
 * Servers: a device, a socket, and one connection after the other.
 *
 * <p>Threading: thread-safe.
 */
@NullMarked
package aperture.vhostuser.internal.server;

import org.jspecify.annotations.NullMarked;
