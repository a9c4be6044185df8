package aperture.virtio;

import aperture.virtqueue.ChainBatch;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One virtio device: its features, its configuration space, and what it does with requests. The
 * engine owns status, queues, addresses and threads.
 *
 * <p>{@link #process} is called by one worker thread per queue, at the same time for different
 * queues. Everything else is called under the device's lock.
 */
@ConsumerType
public interface VirtioDevice extends AutoCloseable {

  /** Features of the device type; the engine adds those of ring and transport. */
  FeatureSet features();

  /** What a bit of the device type's own is called; empty for all others. */
  default Optional<NamedFeature> feature(int bit) {
    return Optional.empty();
  }

  /**
   * Checks prerequisites between accepted features.
   *
   * @return why FEATURES_OK must be refused, empty when it is fine
   */
  default Optional<String> checkFeatures(FeatureSet accepted) {
    return Optional.empty();
  }

  int queues();

  /** Largest size of a queue, a power of two. */
  int maxQueueSize(int queue);

  /** The configuration space as it is now, little-endian. */
  byte[] config();

  /** A byte of the configuration space was written; ignored unless a device says otherwise. */
  default void writeConfig(int offset, byte value) {}

  /**
   * Who is told when {@link #config} changed by itself; called by any thread. Replaces whoever was
   * told before. For devices that can.
   */
  default void onConfigChange(Runnable listener) {}

  /**
   * Changes the size of what is behind the device, or looks at it again.
   *
   * @param bytes the size wanted; empty to take it as it is by now
   * @return bytes afterwards
   * @throws DeviceConfigurationException when it has no size, or cannot have this one
   * @throws IOException when the host fails
   */
  default long resize(OptionalLong bytes) throws DeviceConfigurationException, IOException {
    throw new DeviceConfigurationException("a device of this type has no size");
  }

  /** The driver is ready; {@code accepted} holds until the next reset. */
  void activate(FeatureSet accepted);

  /**
   * Serves every chain of the batch: each is completed, or marked malformed.
   *
   * @param queue index of the queue
   */
  void process(int queue, ChainBatch batch);

  /** Back to the state before activation; no {@link #process} is running. */
  void reset();

  /** Counters and facts for people, by name. */
  Map<String, String> details();

  /** Frees what the device holds. */
  @Override
  void close();
}
