package aperture.virtio;

import aperture.machine.MachineRow;
import java.util.Map;
import java.util.Optional;

/**
 * What a device is made from.
 *
 * @param id its name on the machine
 * @param row the machine's row, for defaults
 * @param options the options given, by name
 */
public record DeviceSettings(String id, MachineRow row, Map<String, String> options) {

  public DeviceSettings {
    options = Map.copyOf(options);
  }

  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }
}
