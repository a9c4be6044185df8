/**
 * The door to the distribution: parses the command line, starts an OSGi framework on the bundles
 * beside it, and then either hands the terminal to the Gogo shell or runs a batch of commands and
 * turns their outcome into an exit code.
 *
 * <p>Nothing here knows a bundle of the product by name: bundles come from a folder, start levels
 * from a file, commands from the service registry. The framework is reached through its standard
 * {@code FrameworkFactory} only.
 */
@NullMarked
package aperture.launcher;

import org.jspecify.annotations.NullMarked;
