/**
 * Keeps queues busy: one pump thread for each queue, interrupt-driven, with every request accounted
 * for. What the requests are is a {@link aperture.guest.io.RequestSource}'s.
 *
 * <p>Nothing is allocated per request.
 */
@NullMarked
package aperture.guest.io;

import org.jspecify.annotations.NullMarked;
