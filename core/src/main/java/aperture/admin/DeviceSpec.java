package aperture.admin;

import aperture.access.Setting;
import java.util.Map;
import java.util.Optional;

/**
 * A device to add.
 *
 * @param machine name of the machine
 * @param type device type
 * @param id its name, unique among all devices; absent for a generated one
 * @param access whose addresses it uses
 * @param options the type's options
 */
public record DeviceSpec(
    String machine,
    String type,
    Optional<String> id,
    AccessSettings access,
    Map<String, String> options) {

  /**
   * A device of which only the offer is said.
   *
   * @param accessPlatform the device's setting of the offer
   * @param strict the device's setting of strictness
   * @param unsafe accepts an offer turned off behind an IOMMU
   */
  public DeviceSpec(
      String machine,
      String type,
      Optional<String> id,
      Setting accessPlatform,
      Setting strict,
      boolean unsafe,
      Map<String, String> options) {
    this(machine, type, id, AccessSettings.of(accessPlatform, strict, unsafe), options);
  }
}
