/**
 * How a request ends: the exit codes, a failure that explains itself, and the hint that goes with a
 * mistyped word. Both the launcher and the shell bundle carry a copy, since they share no loader.
 */
@NullMarked
package aperture.launcher.outcome;

import org.jspecify.annotations.NullMarked;
