/**
 * Machine types of PowerPC: the {@code pseries} family with its versions, {@code powernv}, {@code
 * ppce500}, {@code 40p}, and machines with nothing in front of their devices.
 *
 * <p>Rows are values; the services are stateless and called from any thread.
 */
@NullMarked
package aperture.arch.ppc;

import org.jspecify.annotations.NullMarked;
