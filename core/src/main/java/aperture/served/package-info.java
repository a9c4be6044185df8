/**
 * Devices whose driver lives in another process: a carrier, such as a vhost-user back end, hands
 * over memory and rings, one at a time, and the engine serves them as it serves its own machines.
 *
 * <p>Threading: {@link aperture.served.DeviceHost} is thread-safe; a {@link
 * aperture.served.ServedDevice} belongs to its carrier's control thread, except where a method says
 * otherwise. Bells, interrupts and journals are called by queue workers.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.served;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
