/**
 * The guided run: machines of every architecture do verified I/O on a real image, a bundle is
 * swapped under load, and a table says whether all of it held.
 *
 * <p>Threading: one run on its caller's thread.
 */
@NullMarked
package aperture.console.demo;

import org.jspecify.annotations.NullMarked;
