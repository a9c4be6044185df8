/**
 * I/O that is run, waited for and judged.
 *
 * <p>Threading: called from any session's thread.
 */
@NullMarked
package aperture.console.io;

import org.jspecify.annotations.NullMarked;
