package aperture.admin;

import aperture.virtio.DeviceOption;
import java.util.List;

/**
 * A driver kind present.
 *
 * @param kind its word
 * @param summary one line
 * @param options its options
 */
public record DriverKindInfo(String kind, String summary, List<DeviceOption> options) {

  public DriverKindInfo {
    options = List.copyOf(options);
  }
}
