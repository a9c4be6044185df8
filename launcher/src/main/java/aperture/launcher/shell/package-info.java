/**
 * The part of the launcher that lives inside the framework, as the bundle {@code aperture.shell}:
 * batches of Gogo commands, and what the stock commands lack for scripts.
 *
 * <p>The launcher reaches it through a service made of JDK types only, so that neither side has to
 * see the other's classes.
 */
@NullMarked
package aperture.launcher.shell;

import org.jspecify.annotations.NullMarked;
