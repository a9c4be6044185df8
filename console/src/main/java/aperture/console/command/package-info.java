/**
 * What all commands share: a line understood, a result shown as text or JSON, a failure that is one
 * line and an exit code.
 *
 * <p>Threading: stateless, and values for one call.
 */
@NullMarked
package aperture.console.command;

import org.jspecify.annotations.NullMarked;
