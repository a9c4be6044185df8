/** The entry for programs without a framework. Not exported: bundles use the services. */
@NullMarked
package aperture.core;

import org.jspecify.annotations.NullMarked;
