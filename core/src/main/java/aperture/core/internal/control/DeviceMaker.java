package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceSettings;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.util.Map;

/** Makes devices from what people wrote: names and options checked, errors in their words. */
final class DeviceMaker {

  private static final String ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";

  private DeviceMaker() {}

  static void checkId(String id) throws ControlException {
    if (!id.matches(ID_PATTERN)) {
      throw ControlException.usage(
          "device id '%s': letters, digits, dot, dash and underscore, at most 63".formatted(id));
    }
  }

  static void checkOptions(VirtioDeviceType type, Map<String, String> options)
      throws ControlException {
    OptionCheck.require("device type " + type.name(), type.options(), options);
  }

  static VirtioDevice create(VirtioDeviceType type, DeviceSettings settings)
      throws ControlException {
    try {
      return type.create(settings);
    } catch (DeviceConfigurationException e) {
      throw new ControlException(
          ControlException.Kind.USAGE, "device %s: %s".formatted(settings.id(), e.getMessage()), e);
    }
  }
}
