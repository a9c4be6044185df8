/**
 * PlatformDma: how drivers and devices agree on addresses. The driver face maps memory and hands
 * out addresses; the device face turns addresses back into ranges of memory, or into faults.
 *
 * <p>Threading: a {@link aperture.dma.DriverDma} is thread-safe; a {@link aperture.dma.DmaSession}
 * belongs to one worker thread. How revoking waits for workers is written on {@link
 * aperture.dma.DmaSession}.
 *
 * <p>Consumers import {@code [1.0,2)}, providers {@code [1.0,1.1)}.
 */
@Version("1.0.0")
@NullMarked
package aperture.dma;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.versioning.Version;
