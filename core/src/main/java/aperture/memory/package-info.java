/**
 * Guest memory: the bytes a machine's guest calls its RAM, as one host mapping behind several
 * guest-physical regions.
 *
 * <p>This is the consumer side only. Walkers, table builders and the owner of a machine use it;
 * devices and drivers reach memory through {@code aperture.dma} and {@code aperture.virtqueue}.
 *
 * <p>Threading: everything here may be used from any thread. Ordering between threads is what the
 * method name says ({@code loadAcquire16}, {@code storeRelease16}); a name without an ordering is a
 * plain access.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.memory;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
