package aperture.dma;

import java.util.Arrays;

/**
 * Caller-owned list of host ranges, filled by translation and reused. Touching ranges are merged.
 * Grows up to a fixed limit. Not thread-safe.
 */
public final class DmaRanges {

  /** Most ranges ever held; the device face refuses more. */
  public static final int LIMIT = 1 << 16;

  private long[] offset;
  private long[] length;
  private int count;

  public DmaRanges() {
    offset = new long[16];
    length = new long[16];
  }

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
    return offset[range];
  }

  /** Length of a range in bytes. */
  public long length(int range) {
    return length[range];
  }

  /**
   * Appends a range, merging it with the previous one when they touch and {@code from} allows.
   *
   * @param from ranges below this index are not merged into
   * @return false when the limit is reached
   */
  public boolean append(long hostOffset, long bytes, int from) {
    int last = count - 1;
    if (last >= from && offset[last] + length[last] == hostOffset) {
      length[last] += bytes;
      return true;
    }
    if (count == offset.length) {
      if (count == LIMIT) {
        return false;
      }
      offset = Arrays.copyOf(offset, count * 2);
      length = Arrays.copyOf(length, count * 2);
    }
    offset[count] = hostOffset;
    length[count] = bytes;
    count++;
    return true;
  }
}
