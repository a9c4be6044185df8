package aperture.dma;

import java.util.Arrays;

/**
 * Caller-owned list of host ranges, filled by translation and reused. Touching ranges are merged.
 * Grows up to a fixed limit. Not thread-safe.
 */
public final class DmaRanges {

  /** Most ranges ever held; the device face refuses more. */
  public static final int LIMIT = 1 << 16;

  /** Offset and length of each range, in pairs. */
  private long[] pairs = new long[16];

  private int count;

  public void clear() {
    count = 0;
  }

  /** Forgets ranges from {@code newCount} on. */
  public void truncate(int newCount) {
    count = Math.min(count, newCount);
  }

  public int count() {
    return count;
  }

  /** Host offset of a range, for the accessors of guest memory. */
  public long offset(int range) {
    return pairs[2 * range];
  }

  /** Length of a range in bytes. */
  public long length(int range) {
    return pairs[2 * range + 1];
  }

  /**
   * Appends a range of its own.
   *
   * @return false when the limit is reached
   */
  public boolean append(long hostOffset, long bytes) {
    int at = 2 * count;
    if (at == pairs.length && !grow()) {
      return false;
    }
    pairs[at] = hostOffset;
    pairs[at + 1] = bytes;
    count++;
    return true;
  }

  /**
   * Appends a range of its own where that needs no growing.
   *
   * @return false when there is no room: use {@link #append(long, long)}
   */
  public boolean appendInPlace(long hostOffset, long bytes) {
    long[] list = pairs;
    int at = 2 * count;
    if (Integer.compareUnsigned(at + 1, list.length) >= 0) {
      return false;
    }
    list[at] = hostOffset;
    list[at + 1] = bytes;
    count++;
    return true;
  }

  private boolean grow() {
    if (count == LIMIT) {
      return false;
    }
    pairs = Arrays.copyOf(pairs, 2 * pairs.length);
    return true;
  }

  /**
   * Appends a range, merging it with the previous one when they touch and {@code from} allows.
   *
   * @param from ranges below this index are not merged into
   * @return false when the limit is reached
   */
  public boolean append(long hostOffset, long bytes, int from) {
    int last = count - 1;
    if (last >= from && offset(last) + length(last) == hostOffset) {
      pairs[2 * last + 1] += bytes;
      return true;
    }
    return append(hostOffset, bytes);
  }
}
