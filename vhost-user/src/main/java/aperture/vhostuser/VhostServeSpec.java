package aperture.vhostuser;

import aperture.access.Setting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A device to serve, on a socket of its own or on a connection that was inherited.
 *
 * @param name its name; absent for a generated one
 * @param type device type
 * @param socketPath where to listen; absent when {@code fd} is given
 * @param fd a connected socket that this process inherited
 * @param machineType the machine type that supplies the default of the offer
 * @param accessPlatform the device's setting of the offer
 * @param unsafe accept an offer turned off behind an IOMMU
 * @param options the type's options
 */
public record VhostServeSpec(
    Optional<String> name,
    String type,
    Optional<Path> socketPath,
    OptionalInt fd,
    Optional<String> machineType,
    Setting accessPlatform,
    boolean unsafe,
    Map<String, String> options) {

  public VhostServeSpec {
    options = Map.copyOf(options);
  }
}
