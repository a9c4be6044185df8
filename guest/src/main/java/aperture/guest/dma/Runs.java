package aperture.guest.dma;

import java.util.BitSet;

/** Hands out runs of consecutive numbers, lowest first. Not thread-safe. */
final class Runs {

  static final int NONE = -1;

  private final BitSet taken = new BitSet();
  private final int limit;

  /**
   * @param limit all numbers are less
   */
  Runs(int limit) {
    this.limit = limit;
  }

  /**
   * Takes a run.
   *
   * @param count how many
   * @param align what its first number is a multiple of
   * @return its first number, or {@link #NONE}
   */
  int take(int count, int align) {
    int first = aligned(taken.nextClearBit(0), align);
    while (first + count <= limit) {
      int next = taken.nextSetBit(first);
      if (next < 0 || next >= first + count) {
        taken.set(first, first + count);
        return first;
      }
      first = aligned(taken.nextClearBit(next), align);
    }
    return NONE;
  }

  void give(int first, int count) {
    taken.clear(first, first + count);
  }

  private static int aligned(int number, int align) {
    return (number + align - 1) / align * align;
  }
}
