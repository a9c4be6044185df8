package aperture.iommu;

import org.jspecify.annotations.Nullable;

/**
 * Where pages were freed lately, by size, the latest first. Who maps there next finds the entries
 * of tables and ledger in the processor's caches, however many mappings are live; kernels keep such
 * magazines too.
 *
 * <p>Only hints: whether a place is free still, its owner knows. Remembering one allocates nothing
 * after the first of its size; when there are too many the oldest is forgotten.
 */
final class FreedPlaces {

  /** Larger ones are rare, and worth a search. */
  static final int LARGEST = 32;

  static final long NONE = -1;

  /** As many as a flush of put-off invalidations gives back at once. */
  private static final int DEPTH = FlushQueue.MOST;

  private static final int SIZES = sizeOf(LARGEST) + 1;

  private final long[] @Nullable [] places = new long[SIZES][];
  private final int[] next = new int[SIZES];
  private final int[] depth = new int[SIZES];

  /** Sizes by their power of two rounded up: 1, 2, 3 to 4, 5 to 8, 9 to 16, 17 to 32 pages. */
  private static int sizeOf(int count) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
  }

  void add(long page, int count) {
    if (count > LARGEST) {
      return;
    }
    int size = sizeOf(count);
    long[] stack = places[size];
    if (stack == null) {
      stack = new long[DEPTH];
      places[size] = stack;
    }
    stack[next[size]] = page;
    next[size] = (next[size] + 1) & DEPTH - 1;
    depth[size] = Math.min(depth[size] + 1, DEPTH);
  }

  /** Takes the latest of a size out; {@link #NONE} when there is none. */
  long poll(int count) {
    if (count > LARGEST) {
      return NONE;
    }
    int size = sizeOf(count);
    long[] stack = places[size];
    if (stack == null || depth[size] == 0) {
      return NONE;
    }
    depth[size]--;
    next[size] = (next[size] - 1) & DEPTH - 1;
    return stack[next[size]];
  }
}
