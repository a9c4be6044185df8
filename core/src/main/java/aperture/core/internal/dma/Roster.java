package aperture.core.internal.dma;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * A copy-on-write list that is read as an array. Invalidations walk it for every unmap, so walking
 * must not cost an iterator. Adding and removing are for set-up and tear-down.
 */
final class Roster<T> {

  private final IntFunction<T[]> maker;
  private volatile T[] members;

  /**
   * @param maker makes an array of a length
   */
  Roster(IntFunction<T[]> maker) {
    this.maker = maker;
    this.members = maker.apply(0);
  }

  /** The members now. Callers do not write to it; it never changes. */
  T[] members() {
    return members;
  }

  synchronized void add(T member) {
    T[] next = Arrays.copyOf(members, members.length + 1);
    next[members.length] = member;
    members = next;
  }

  /**
   * Removes a member.
   *
   * @return whether it was one
   */
  synchronized boolean remove(T member) {
    T[] before = members;
    for (int i = 0; i < before.length; i++) {
      if (before[i].equals(member)) {
        T[] next = maker.apply(before.length - 1);
        System.arraycopy(before, 0, next, 0, i);
        System.arraycopy(before, i + 1, next, i, next.length - i);
        members = next;
        return true;
      }
    }
    return false;
  }
}
