/**
 * The matrix of drivers, devices and paths on a command line: what is asked, and how it is shown.
 *
 * <p>Threading: values for one call; {@link MatrixProgress} is told from any thread.
 */
@NullMarked
package aperture.console.policy;

import org.jspecify.annotations.NullMarked;
