package aperture.served;

import aperture.admin.ControlException;
import org.osgi.annotation.versioning.ProviderType;

/** Makes devices for carriers. A service of core. Thread-safe. */
@ProviderType
public interface DeviceHost {

  /**
   * Makes a device, whole or not at all. Whether it offers ACCESS_PLATFORM is decided here and
   * stays so while the device lives, whatever becomes of settings and machine types.
   *
   * @throws ControlException naming the word that is wrong and the nearest right one
   */
  ServedDevice open(ServedSpec spec) throws ControlException;
}
