/**
 * Machine types and running machines. An architecture bundle supplies {@link
 * aperture.machine.MachineDefaults}, one service per family; its rows are the versions.
 *
 * <p>Threading: rows are values; services are called from any thread.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.machine;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
