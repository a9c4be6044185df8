/** Tests of the shipped script, as a process, from outside. */
@NullMarked
package aperture.itest.process;

import org.jspecify.annotations.NullMarked;
