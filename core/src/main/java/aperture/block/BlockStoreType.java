package aperture.block;

import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A sort of store, a whiteboard service with the property {@link #NAME_PROPERTY}. Thread-safe.
 *
 * <p>A service that leaves takes no open store with it: a store belongs to its device until that
 * ends. A bundle that stops may close its stores; their requests fail from then on.
 */
@ConsumerType
public interface BlockStoreType {

  /** Service property with {@link #name()}: a String. */
  String NAME_PROPERTY = "block.store";

  /** The word on the command line, for example {@code file}. */
  String name();

  /** One line for people. */
  String summary();

  /**
   * Its options. They stand on one line with those of the device, whose names win: a store should
   * not take {@code read-only}, {@code queues} and the like.
   */
  List<DeviceOption> options();

  /**
   * Opens a store for one device; nothing is left behind when it fails.
   *
   * @throws DeviceConfigurationException naming the option, its value and the cure
   */
  BlockStore open(StoreSettings settings) throws DeviceConfigurationException;
}
