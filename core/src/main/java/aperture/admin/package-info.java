/**
 * Administration: read-only records of everything there is, and the services that console, metrics
 * and remote faces share to change it.
 *
 * <p>Threading: records are values; services are thread-safe. A failed call leaves nothing behind.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.admin;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
