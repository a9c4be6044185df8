package aperture.admin;

import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** In-process guest drivers. Thread-safe. */
@ProviderType
public interface DriverControl {

  List<DriverKindInfo> kinds();

  /** Binds a driver without options. */
  default DriverInfo bind(String device, String kind) throws ControlException {
    return bind(device, kind, Map.of());
  }

  /**
   * Binds a driver to a device. A refusal or decline is a result, not an error.
   *
   * @param options the kind's options
   * @throws ControlException for unknown words, or when a driver is bound already
   */
  DriverInfo bind(String device, String kind, Map<String, String> options) throws ControlException;

  DriverInfo show(String device) throws ControlException;

  void unbind(String device) throws ControlException;

  /** Resets the device and brings it up again. */
  DriverInfo reset(String device) throws ControlException;

  /** Starts I/O. */
  IoJob io(String device, IoPlan plan) throws ControlException;

  /** The job running, or the last one. */
  Optional<IoJob> job(String device) throws ControlException;
}
