/** A bundle for the tests, packed from these classes while they run. */
@NullMarked
package aperture.launcher.probe;

import org.jspecify.annotations.NullMarked;
