package aperture.virtqueue;

/**
 * Caller-owned list of a chain's elements, reused: readable elements first, then writable ones. Not
 * thread-safe.
 */
public final class ChainElements {

  private final long[] address;
  private final int[] length;
  private int readable;
  private int count;

  /**
   * @param capacity most elements
   */
  public ChainElements(int capacity) {
    address = new long[capacity];
    length = new int[capacity];
  }

  public void clear() {
    readable = 0;
    count = 0;
  }

  /**
   * Adds an element that the device reads.
   *
   * @throws IllegalStateException after a writable element
   */
  public void readable(long deviceAddress, int bytes) {
    if (readable != count) {
      throw new IllegalStateException("readable elements come before writable ones");
    }
    put(deviceAddress, bytes);
    readable++;
  }

  /** Adds an element that the device writes. */
  public void writable(long deviceAddress, int bytes) {
    put(deviceAddress, bytes);
  }

  private void put(long deviceAddress, int bytes) {
    address[count] = deviceAddress;
    length[count] = bytes;
    count++;
  }

  public int count() {
    return count;
  }

  public int readableCount() {
    return readable;
  }

  public long address(int element) {
    return address[element];
  }

  public int length(int element) {
    return length[element];
  }
}
