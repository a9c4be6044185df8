/**
 * JSON: where the library comes from, and every record as a document.
 *
 * <p>Threading: stateless.
 */
@NullMarked
package aperture.console.json;

import org.jspecify.annotations.NullMarked;
