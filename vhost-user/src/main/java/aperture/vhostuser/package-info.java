/**
 * Serves virtio devices to guests of other processes over vhost-user: the service that consoles and
 * launchers use, and its records.
 *
 * <p>Threading: the service is thread-safe, the rest are values.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.vhostuser;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
