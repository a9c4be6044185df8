/**
 * The console's commands, one class for each scope. They are thin: a line is understood by {@link
 * aperture.console.line}, work is done by core's control services, results are records, and {@link
 * aperture.console.format} or {@link aperture.console.json} show them.
 *
 * <p>Threading: commands are called from any session's thread.
 */
@NullMarked
package aperture.console;

import org.jspecify.annotations.NullMarked;
