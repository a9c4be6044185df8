/** Devices whose driver is in another process. */
@NullMarked
package aperture.core.internal.served;

import org.jspecify.annotations.NullMarked;
