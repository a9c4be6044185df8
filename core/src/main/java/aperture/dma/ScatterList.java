package aperture.dma;

/**
 * Caller-owned scatter-gather list: guest-physical pieces in, device addresses out. Reused, so that
 * mapping allocates nothing. Not thread-safe.
 */
public final class ScatterList {

  private final long[] gpa;
  private final long[] length;
  private final long[] address;
  private final long[] mappedLength;
  private int pieces;
  private int mapped;

  /**
   * @param capacity most pieces it can hold
   */
  public ScatterList(int capacity) {
    gpa = new long[capacity];
    length = new long[capacity];
    address = new long[capacity];
    mappedLength = new long[capacity];
  }

  public void clear() {
    pieces = 0;
    mapped = 0;
  }

  /**
   * Adds a piece of guest memory.
   *
   * @throws IndexOutOfBoundsException when the list is full
   */
  public void add(long pieceGpa, long bytes) {
    if (pieces == gpa.length) {
      throw new IndexOutOfBoundsException("scatter list holds at most " + gpa.length + " pieces");
    }
    gpa[pieces] = pieceGpa;
    length[pieces] = bytes;
    pieces++;
  }

  public int capacity() {
    return gpa.length;
  }

  /** Pieces put in. */
  public int pieces() {
    return pieces;
  }

  public long gpa(int piece) {
    return gpa[piece];
  }

  public long length(int piece) {
    return length[piece];
  }

  /** Device ranges that came out: at most {@link #pieces()}, fewer where pieces merged. */
  public int mapped() {
    return mapped;
  }

  public long address(int range) {
    return address[range];
  }

  public long mappedLength(int range) {
    return mappedLength[range];
  }

  /** For the driver face: forgets the device ranges. */
  public void clearMapped() {
    mapped = 0;
  }

  /** For the driver face: appends a device range, merging it with the last when they touch. */
  public void appendMapped(long deviceAddress, long bytes) {
    if (mapped > 0 && address[mapped - 1] + mappedLength[mapped - 1] == deviceAddress) {
      mappedLength[mapped - 1] += bytes;
      return;
    }
    address[mapped] = deviceAddress;
    mappedLength[mapped] = bytes;
    mapped++;
  }
}
