/**
 * The stores that come with the platform: raw image files and memory.
 *
 * <p>Threading: types and stores are thread-safe.
 */
@NullMarked
package aperture.devices.store;

import org.jspecify.annotations.NullMarked;
