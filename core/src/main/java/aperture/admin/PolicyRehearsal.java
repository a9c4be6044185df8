package aperture.admin;

import aperture.access.Setting;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Global settings of one's own, to see what they would do: devices added here follow these, and all
 * others those of {@link PolicyControl}, which nothing here reads or changes. Unset at first, kept
 * nowhere, and gone with this object. Thread-safe.
 */
@ProviderType
public interface PolicyRehearsal {

  /** Setting of the offer, for devices added here afterwards. */
  void offer(Setting setting);

  /** Setting of strictness, for devices added here afterwards. */
  void strict(Setting setting);

  /** Adds a device, one like all others from then on, as {@link DeviceControl#add} does. */
  DeviceInfo add(DeviceSpec spec) throws ControlException;
}
