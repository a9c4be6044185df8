/**
 * Requests in flight, recorded in memory shared with the front end, which keeps it when the back
 * end dies and gives it to the next one.
 *
 * <p>Threading: each type says so where it stands.
 */
@NullMarked
package aperture.vhostuser.internal.inflight;

import org.jspecify.annotations.NullMarked;
