/**
 * The device engine: status machine, negotiation, queue workers. What a device does with requests
 * is in a {@link aperture.virtio.VirtioDevice}; everything around it is here.
 */
@NullMarked
package aperture.core.internal.device;

import org.jspecify.annotations.NullMarked;
