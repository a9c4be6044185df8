/** Who supplies behaviours and families, and which machines move when that changes. */
@NullMarked
package aperture.core.internal.swap;

import org.jspecify.annotations.NullMarked;
