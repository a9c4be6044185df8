/** The edge to the framework: everything that knows Declarative Services is here. */
@NullMarked
package aperture.core.internal.ds;

import org.jspecify.annotations.NullMarked;
