/** Tests that run inside a container on the shipped bundles. */
@NullMarked
package aperture.itest.container;

import org.jspecify.annotations.NullMarked;
