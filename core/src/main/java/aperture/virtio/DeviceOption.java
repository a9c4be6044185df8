package aperture.virtio;

import java.util.List;

/**
 * An option of a device type or of a driver kind, for help, completion and checks.
 *
 * @param name as written on the command line, without dashes
 * @param description one line
 * @param required whether it must be given
 * @param flag whether it stands alone, without a value
 * @param values the words allowed; empty when any value is
 */
public record DeviceOption(
    String name, String description, boolean required, boolean flag, List<String> values) {

  public DeviceOption {
    values = List.copyOf(values);
  }
}
