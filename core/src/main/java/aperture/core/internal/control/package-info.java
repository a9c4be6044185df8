/** The administration services: names in, records out. */
@NullMarked
package aperture.core.internal.control;

import org.jspecify.annotations.NullMarked;
