/**
 * Virtqueues: their configuration, the device half, the driver half, and descriptor chains.
 *
 * <p>Two types for two phases: a {@link aperture.virtqueue.VirtqueueConfig} is what a transport
 * writes to; activated, it becomes a queue without setters.
 *
 * <p>Threading: a queue half belongs to one thread at a time.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, sections "Virtqueues" and "Split
 * Virtqueues". Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.virtqueue;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
