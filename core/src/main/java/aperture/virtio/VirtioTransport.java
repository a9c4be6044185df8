package aperture.virtio;

import aperture.virtqueue.QueueAddresses;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A device as its driver sees it: the registers of a modern transport. Thread-safe; every method
 * may be called at any time, and what is not allowed then is ignored, as real registers do.
 */
@ProviderType
public interface VirtioTransport {

  /** Virtio device id: 2 block, 4 entropy, ... */
  int deviceId();

  /** Offered features by 32-bit word. */
  int deviceFeatures(int select);

  /** Accepts features by 32-bit word; ignored once FEATURES_OK is set. */
  void driverFeatures(int select, int value);

  /** The registers of the legacy interface; empty where there are none. */
  default Optional<LegacyTransport> legacy() {
    return Optional.empty();
  }

  int status();

  /**
   * Writes the status register: 0 resets. A write of FEATURES_OK that the device refuses is dropped
   * as a whole: read the status again.
   */
  void writeStatus(int status);

  int queues();

  /** Largest size of a queue; 0 for a queue that does not exist. */
  int queueMaxSize(int queue);

  /** Sets a queue up and enables it; ignored when it is enabled or does not exist. */
  void enableQueue(int queue, int size, QueueAddresses addresses);

  boolean queueEnabled(int queue);

  /** Rings the doorbell. Spurious ones are harmless. */
  void notifyQueue(int queue);

  int configGeneration();

  int configSize();

  /** Reads the device configuration; bytes outside it read as all ones. */
  void readConfig(int offset, byte[] target);

  /** Writes the device configuration; bytes outside it are ignored. */
  void writeConfig(int offset, byte[] source);

  /** Who is told about interrupts; replaces the previous handler. */
  void onInterrupt(InterruptHandler handler);

  /** Receives interrupts, on the device's threads; must not block. */
  interface InterruptHandler {

    /** Nobody listens. */
    InterruptHandler NONE =
        new InterruptHandler() {
          @Override
          public void queueInterrupt(int queue) {}

          @Override
          public void configInterrupt() {}
        };

    void queueInterrupt(int queue);

    void configInterrupt();
  }
}
