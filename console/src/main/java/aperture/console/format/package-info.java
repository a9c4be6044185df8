/**
 * Text for people, derived from the same records that become JSON: one converter for every level of
 * detail, aligned tables, nothing cut off.
 *
 * <p>Threading: stateless.
 */
@NullMarked
package aperture.console.format;

import org.jspecify.annotations.NullMarked;
