package aperture.core.internal.dma;

/** Address ranges in an array: first and last address of each, in pairs, both unsigned. */
final class Ranges {

  private Ranges() {}

  /**
   * Whether one of the first ranges of an array touches a range.
   *
   * @param count how many of them are looked at; no more than there are
   */
  static boolean overlap(long[] pairs, int count, long first, long last) {
    int end = Math.min(2 * count, pairs.length);
    for (int i = 0; i < end; i += 2) {
      if (overlap(pairs[i], pairs[i + 1], first, last)) {
        return true;
      }
    }
    return false;
  }

  /** Whether any range of an array touches a range. */
  static boolean overlap(long[] pairs, long first, long last) {
    return overlap(pairs, pairs.length / 2, first, last);
  }

  /** Whether two ranges have an address in common. */
  static boolean overlap(long first, long last, long otherFirst, long otherLast) {
    return Long.compareUnsigned(first, otherLast) <= 0
        && Long.compareUnsigned(otherFirst, last) <= 0;
  }
}
