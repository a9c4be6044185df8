/**
 * QEMU's control socket: what a capture of a running guest asks of QEMU.
 *
 * <p>Every answer is QEMU's and perhaps a stranger's: bounded, checked, waited for with a deadline.
 *
 * <p>Threading: a connection belongs to one thread.
 */
@NullMarked
package aperture.console.qmp;

import org.jspecify.annotations.NullMarked;
