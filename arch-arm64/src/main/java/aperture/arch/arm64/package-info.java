/**
 * Machine types of 64-bit Arm: the {@code virt} family with its versions, and {@code sbsa-ref}.
 *
 * <p>Rows are values; the services are stateless and called from any thread.
 */
@NullMarked
package aperture.arch.arm64;

import org.jspecify.annotations.NullMarked;
