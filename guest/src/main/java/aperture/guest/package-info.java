/**
 * In-process guests: driver kinds as services. A kind is a small policy; how a device is brought up
 * and what is done with it are shared by all of them.
 *
 * <p>Drivers see a device's registers, the DMA API and virtqueues, nothing else.
 */
@NullMarked
package aperture.guest;

import org.jspecify.annotations.NullMarked;
