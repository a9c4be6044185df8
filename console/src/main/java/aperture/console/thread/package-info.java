/**
 * What was said on the mailing lists in July 2015 about whose addresses virtio devices use, carried
 * out: each row is a list of steps, and each step says what came of it.
 *
 * <p>Threading: one run belongs to one thread.
 */
@NullMarked
package aperture.console.thread;

import org.jspecify.annotations.NullMarked;
