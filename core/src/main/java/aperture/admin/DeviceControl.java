package aperture.admin;

import java.util.List;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ProviderType;

/** Devices. Thread-safe. */
@ProviderType
public interface DeviceControl {

  List<DeviceTypeInfo> types();

  /**
   * Adds a device to a machine.
   *
   * @throws ControlException for wrong options or an impossible combination of settings; nothing is
   *     left behind
   */
  DeviceInfo add(DeviceSpec spec) throws ControlException;

  List<DeviceInfo> list();

  DeviceInfo show(String id) throws ControlException;

  DeviceStats stats(String id) throws ControlException;

  Diagnosis why(String id) throws ControlException;

  /**
   * Changes the size of what is behind a device, or takes notice of the size that it has by now;
   * the driver is told.
   *
   * @param bytes the size wanted; empty to look only
   * @return bytes afterwards
   */
  long resize(String id, OptionalLong bytes) throws ControlException;

  /** Unbinds its driver and removes it. */
  void remove(String id) throws ControlException;
}
