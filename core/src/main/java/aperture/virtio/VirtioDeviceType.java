package aperture.virtio;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A device type, a whiteboard service with the property {@link #NAME_PROPERTY}. Thread-safe. */
@ConsumerType
public interface VirtioDeviceType {

  /** Service property with {@link #name()}: a String. */
  String NAME_PROPERTY = "virtio.type";

  /** The word on the command line, for example {@code blk}. */
  String name();

  /** Virtio device id. */
  int deviceId();

  /** One line for people. */
  String summary();

  List<DeviceOption> options();

  /**
   * Makes a device; nothing is left behind when it fails.
   *
   * @throws DeviceConfigurationException naming the option, its value and the cure
   */
  VirtioDevice create(DeviceSettings settings) throws DeviceConfigurationException;
}
