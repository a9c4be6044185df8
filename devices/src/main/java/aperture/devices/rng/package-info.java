/**
 * Entropy devices: random bytes from the host.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, section "Entropy Device".
 */
@NullMarked
package aperture.devices.rng;

import org.jspecify.annotations.NullMarked;
