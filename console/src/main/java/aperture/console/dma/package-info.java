/**
 * Translation seen from outside: explained ranges, replayed and taken captures.
 *
 * <p>Threading: called from any session's thread.
 */
@NullMarked
package aperture.console.dma;

import org.jspecify.annotations.NullMarked;
