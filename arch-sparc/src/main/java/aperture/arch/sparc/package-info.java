/**
 * Machine types of 64-bit SPARC: {@code sun4u}, {@code sun4v} and {@code niagara}.
 *
 * <p>Rows are values; the services are stateless and called from any thread.
 */
@NullMarked
package aperture.arch.sparc;

import org.jspecify.annotations.NullMarked;
