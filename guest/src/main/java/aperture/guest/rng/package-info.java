/**
 * The entropy front end: reads random bytes.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, section "Entropy Device".
 */
@NullMarked
package aperture.guest.rng;

import org.jspecify.annotations.NullMarked;
