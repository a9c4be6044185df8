/** What tests in a container share: machines with disks, bundles and their jars, reports. */
@NullMarked
package aperture.itest.lab;

import org.jspecify.annotations.NullMarked;
