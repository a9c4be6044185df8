/**
 * Virtio devices and drivers: feature bits, the status machine as a driver sees it, and the SPIs of
 * device types and driver kinds, both whiteboard services.
 *
 * <p>Threading: each type says so where it stands.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, section "Basic Facilities of a Virtio
 * Device". Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.virtio;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
