/**
 * The way to core's control services, whether they are there or not.
 *
 * <p>Threading: thread-safe.
 */
@NullMarked
package aperture.console.control;

import org.jspecify.annotations.NullMarked;
