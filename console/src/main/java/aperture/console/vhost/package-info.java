/**
 * Serving devices to real guests: what a line asks for, and the line of QEMU that matches.
 *
 * <p>Threading: values, and objects for one call.
 */
@NullMarked
package aperture.console.vhost;

import org.jspecify.annotations.NullMarked;
