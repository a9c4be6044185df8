package aperture.virtqueue;

import java.util.List;

/**
 * Where a queue goes on that was at work before, in other hands. Asked once, by the queue's worker,
 * when the rings are found: only then can the used index be read.
 */
@FunctionalInterface
public interface Resumption {

  /**
   * @param usedIndex the used index in the ring, 16 bits
   */
  Position from(int usedIndex);

  /**
   * Where to go on.
   *
   * @param nextAvailable next available index, 16 bits
   * @param unfinished heads of chains that were taken and never used, in the order in which to do
   *     them again; they count as taken
   */
  record Position(int nextAvailable, List<Integer> unfinished) {

    public Position {
      unfinished = List.copyOf(unfinished);
    }
  }

  /** Goes on at an index, with nothing left to do again. */
  static Resumption at(int nextAvailable) {
    return usedIndex -> new Position(nextAvailable, List.of());
  }
}
