/**
 * Block devices on raw image files.
 *
 * <p>Data moves straight between the file and guest memory; nothing is allocated per request.
 * Requests of one queue are served by one worker; queues share the image.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, section "Block Device".
 */
@NullMarked
package aperture.devices.blk;

import org.jspecify.annotations.NullMarked;
