package aperture.served;

import aperture.access.Setting;
import java.util.Map;
import java.util.Optional;

/**
 * A device to serve.
 *
 * @param id its name, for messages and threads
 * @param type device type
 * @param machineType the machine type whose row supplies defaults; absent for the carrier's own
 *     default, which offers ACCESS_PLATFORM
 * @param accessPlatform the device's setting of the offer
 * @param unsafe accept an offer turned off behind an IOMMU
 * @param options the type's options
 */
public record ServedSpec(
    String id,
    String type,
    Optional<String> machineType,
    Setting accessPlatform,
    boolean unsafe,
    Map<String, String> options) {

  public ServedSpec {
    options = Map.copyOf(options);
  }
}
