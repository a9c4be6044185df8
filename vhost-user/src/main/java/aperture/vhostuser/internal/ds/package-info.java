/** The framework's edge. */
@NullMarked
package aperture.vhostuser.internal.ds;

import org.jspecify.annotations.NullMarked;
