package aperture.virtqueue;

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
  private boolean resumed;
  private int nextAvailable;
  private int[] unfinished = {};

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
   * The queue was at work before, in other hands: it goes on where they stopped, with the used
   * index that is in the ring.
   *
   * @param available next available index, 16 bits
   * @param heads of chains that were taken and never used, in the order in which to do them again
   */
  public void resume(int available, int... heads) {
    resumed = true;
    nextAvailable = available;
    unfinished = heads.clone();
  }

  public boolean resumed() {
    return resumed;
  }

  /** Next available index of a queue that is resumed. */
  public int nextAvailable() {
    return nextAvailable;
  }

  /** Heads of the chains to do again; the caller's own copy. */
  public int[] unfinished() {
    return unfinished.clone();
  }

  /** Back to what it was before any write. */
  public void reset() {
    size = maxSize;
    descriptors = 0;
    driver = 0;
    device = 0;
    enabled = false;
    resumed = false;
    nextAvailable = 0;
    unfinished = new int[0];
  }
}
