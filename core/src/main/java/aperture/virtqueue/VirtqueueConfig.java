package aperture.virtqueue;

import org.jspecify.annotations.Nullable;

/**
 * What a transport writes to before a queue is live. Activate it through {@link Virtqueues}. Not
 * thread-safe.
 */
public final class VirtqueueConfig {

  /** Largest queue size of any transport. */
  public static final int MAX_SIZE = 32768;

  private final int maxSize;
  private int size;
  private long descriptors;
  private long driver;
  private long device;
  private boolean enabled;
  private @Nullable Resumption resumption;
  private int nextAvailable;

  /**
   * @param maxSize largest size that the device offers, a power of two up to {@link #MAX_SIZE}
   */
  public VirtqueueConfig(int maxSize) {
    this.maxSize = maxSize;
    this.size = maxSize;
  }

  public int maxSize() {
    return maxSize;
  }

  public int size() {
    return size;
  }

  public void size(int entries) {
    size = entries;
  }

  public QueueAddresses addresses() {
    return new QueueAddresses(descriptors, driver, device);
  }

  public void addresses(QueueAddresses addresses) {
    descriptors = addresses.descriptors();
    driver = addresses.driver();
    device = addresses.device();
  }

  public boolean enabled() {
    return enabled;
  }

  public void enabled(boolean on) {
    enabled = on;
  }

  /**
   * The queue was at work before, in other hands: it goes on with the used index that is in the
   * ring.
   *
   * @param available next available index as far as it is known, 16 bits
   * @param from tells where to go on
   */
  public void resume(int available, Resumption from) {
    nextAvailable = available;
    resumption = from;
  }

  /** Where to go on; null for a queue that is new. */
  public @Nullable Resumption resumption() {
    return resumption;
  }

  /** Next available index as far as it is known before the rings are found. */
  public int nextAvailable() {
    return nextAvailable;
  }

  /** Back to what it was before any write. */
  public void reset() {
    size = maxSize;
    descriptors = 0;
    driver = 0;
    device = 0;
    enabled = false;
    resumption = null;
    nextAvailable = 0;
  }
}
