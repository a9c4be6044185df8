package aperture.served;

import aperture.access.AccessDecision;
import aperture.iommu.IommuBehavior;
import aperture.memory.GuestMemory;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.FeatureSet;
import aperture.virtio.NamedFeature;
import aperture.virtqueue.QueueConfigurationException;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One device in a carrier's hands. The carrier negotiates features, attaches memory, then starts
 * and stops queues; everything may be repeated, also for another driver.
 */
@ProviderType
public interface ServedDevice extends AutoCloseable {

  String id();

  /** Virtio device id: 2 block, 4 entropy, ... */
  int deviceId();

  /** Whether bit 33 is offered, and who said so. */
  AccessDecision decision();

  /** Features of the device type, of the rings, and bit 33 as decided. */
  FeatureSet offered();

  /** A feature bit in words for people. */
  NamedFeature feature(int bit);

  int queues();

  /** Largest size of a queue; 0 for a queue that does not exist. */
  int maxQueueSize(int queue);

  /** The configuration space as it is now. Thread-safe. */
  byte[] config();

  /** Writes configuration space; bytes outside it are ignored. */
  void writeConfig(int offset, byte[] source);

  /**
   * Takes the features of a driver. Only while no queue runs, unless they are the ones in force.
   *
   * @return why they are refused, empty when they are in force
   */
  Optional<String> accept(FeatureSet features);

  /**
   * Attaches the driver's memory. Only while no queue runs; what was attached before is let go, and
   * may be closed by its owner.
   *
   * @param iommu who translates; empty when addresses are guest-physical
   * @throws IllegalStateException while a queue runs
   */
  void attach(GuestMemory memory, Optional<IommuBehavior> iommu);

  /**
   * Starts a queue.
   *
   * @throws QueueConfigurationException naming the field that is wrong; nothing runs then
   * @throws IllegalStateException when it runs already, or no memory is attached
   */
  void start(int queue, QueueSetup setup) throws QueueConfigurationException;

  /**
   * Stops a queue: takes no new chain, finishes those taken, uses them. Waits for that.
   *
   * @return available index to go on from; empty when it did not run
   */
  OptionalInt stop(int queue);

  /** Whether a queue was started and not stopped; it may be broken. */
  boolean running(int queue);

  /** Who is told, with the queue and the reason, when a queue breaks; called by its worker. */
  void onBroken(BrokenListener listener);

  /** Who is told when the configuration space changed by itself; called by any thread. */
  void onConfigChange(Runnable listener);

  /**
   * Changes the size of what is behind the device, or looks at it again.
   *
   * @param bytes the size wanted; empty to look only
   * @return bytes afterwards
   * @throws DeviceConfigurationException when it has no size, or cannot have this one
   * @throws IOException when the host fails
   */
  long resize(OptionalLong bytes) throws DeviceConfigurationException, IOException;

  /** Stops all queues and forgets features and memory. */
  void reset();

  /** Thread-safe. */
  ServedStats stats();

  /** Ends the device. */
  @Override
  void close();

  /** Told when a queue breaks. */
  @FunctionalInterface
  interface BrokenListener {
    void broken(int queue, String reason);
  }
}
