/**
 * From a device just found to a live one, and back: status steps, negotiation, queues.
 *
 * <p>Follows Virtual I/O Device (VIRTIO), version 1.4, section "General Initialization And Device
 * Operation".
 */
@NullMarked
package aperture.guest.bringup;

import org.jspecify.annotations.NullMarked;
