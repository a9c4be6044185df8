/**
 * The decision: whose addresses does a virtio device use? Feature bit 33
 * (VIRTIO_F_ACCESS_PLATFORM), offered or not, strict or not, and where each value came from.
 *
 * <p>Everything here is a value or a pure function, safe from any thread.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.access;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
