/**
 * Block devices on whatever store is there.
 *
 * <p>Nothing is allocated per request. Requests of one queue are served by one worker; queues share
 * the store.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, section "Block Device".
 */
@NullMarked
package aperture.devices.blk;

import org.jspecify.annotations.NullMarked;
