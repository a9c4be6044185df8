package aperture.virtio;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A device as a driver of the legacy interface sees it: 32 feature bits, no FEATURES_OK, a queue in
 * one piece whose place is a page number. Rings and configuration are little-endian, as the guests
 * here are. Thread-safe, as {@link VirtioTransport}.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Legacy Interfaces: A Note on PCI Device
 * Layout".
 */
@ProviderType
public interface LegacyTransport {

  /** Alignment of the used ring, and unit of {@link #queuePage}. */
  int QUEUE_ALIGN = 4096;

  /** The features that fit. */
  int deviceFeatures();

  /** Accepts features; those that were not offered are ignored. */
  void driverFeatures(int value);

  int status();

  /** Writes the status register: 0 resets. */
  void writeStatus(int status);

  /** The size of a queue, which the driver cannot change; 0 for a queue that does not exist. */
  int queueSize(int queue);

  /**
   * Where a queue is: address divided by {@link #QUEUE_ALIGN}; 0 takes it away. The descriptor
   * table is followed by the available ring, and that, on the next multiple of {@link
   * #QUEUE_ALIGN}, by the used ring.
   */
  void queuePage(int queue, int page);

  /** What {@link #queuePage(int, int)} wrote; 0 for a queue that is not set up. */
  int queuePage(int queue);
}
