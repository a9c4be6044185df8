package aperture.dma;

import aperture.access.AddressSpace;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The service that stands between every virtio driver and device of every machine. Thread-safe.
 *
 * <p>Endpoints are named by machine and endpoint id, for example {@code ("m0", "00:05.0")}.
 */
@ProviderType
public interface PlatformDma {

  /** The driver face of an endpoint, in the address space that the driver negotiated. */
  Optional<DriverDma> driver(String machine, String endpoint, AddressSpace space);

  /** The device face of an endpoint. */
  Optional<DeviceDma> device(String machine, String endpoint);
}
