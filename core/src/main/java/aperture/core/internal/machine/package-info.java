/** Machine families as they come and go, and running machines. */
@NullMarked
package aperture.core.internal.machine;

import org.jspecify.annotations.NullMarked;
