/** A front end as a virtual machine monitor has one, for tests and benchmarks. */
@NullMarked
package aperture.vhostuser.testkit;

import org.jspecify.annotations.NullMarked;
