/**
 * Architecture bundles: which are there, and how one takes another's place while machines do I/O.
 *
 * <p>Threading: called from any session's thread; one swap at a time.
 */
@NullMarked
package aperture.console.swap;

import org.jspecify.annotations.NullMarked;
