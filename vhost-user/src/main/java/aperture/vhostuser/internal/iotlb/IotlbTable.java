package aperture.vhostuser.internal.iotlb;

import aperture.iommu.Permission;
import aperture.vhostuser.VhostTranslation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Translations by IOVA interval. The newest wins where two overlap; the older keeps what is left of
 * it. Not thread-safe.
 */
final class IotlbTable {

  /**
   * What a peer can make us keep; core's cache in front of this asks again for what was dropped.
   */
  static final int MAX_ENTRIES = 1 << 16;

  /**
   * One interval.
   *
   * @param first first IOVA
   * @param last last IOVA, inclusive, so that an interval can end with the address space
   * @param gpa guest-physical address of {@code first}
   * @param permission bits of {@link Permission}
   */
  record Entry(long first, long last, long gpa, int permission) {

    /** What is added to an IOVA to get its guest-physical address. */
    private long shift() {
      return gpa - first;
    }

    private Entry part(long from, long to) {
      return new Entry(from, to, gpa + (from - first), permission);
    }

    private Entry with(int more) {
      return new Entry(first, last, gpa, permission | more);
    }
  }

  private final TreeMap<Long, Entry> entries = new TreeMap<>(Long::compareUnsigned);

  int size() {
    return entries.size();
  }

  /** All intervals, by address. */
  List<VhostTranslation> list() {
    List<VhostTranslation> all = new ArrayList<>(entries.size());
    for (Entry entry : entries.values()) {
      all.add(
          new VhostTranslation(
              entry.first(),
              entry.last() - entry.first() + 1,
              entry.gpa(),
              (entry.permission() & Permission.READ.bits()) != 0,
              (entry.permission() & Permission.WRITE.bits()) != 0));
    }
    return all;
  }

  void clear() {
    entries.clear();
  }

  /** The interval that holds an address. */
  @Nullable Entry find(long iova) {
    Map.Entry<Long, Entry> below = entries.floorEntry(iova);
    return below != null && Long.compareUnsigned(iova, below.getValue().last()) <= 0
        ? below.getValue()
        : null;
  }

  /**
   * Adds an interval. A permission known before for the same translation is kept.
   *
   * @return whether addresses mean something else now than they did
   */
  boolean put(Entry added) {
    boolean changed = false;
    Entry fresh = added;
    for (Entry old = overlap(added.first(), added.last());
        old != null;
        old = overlap(added.first(), added.last())) {
      if (old.shift() != added.shift()) {
        changed = true;
      } else if (covers(old, added)) {
        fresh = fresh.with(old.permission());
      }
      cut(old, added.first(), added.last());
    }
    shrink(MAX_ENTRIES - 1);
    entries.put(fresh.first(), fresh);
    return changed;
  }

  private static boolean covers(Entry old, Entry other) {
    return Long.compareUnsigned(old.first(), other.first()) <= 0
        && Long.compareUnsigned(old.last(), other.last()) >= 0;
  }

  /** Removes a range; what sticks out of it on either side stays. */
  void remove(long first, long last) {
    for (Entry old = overlap(first, last); old != null; old = overlap(first, last)) {
      cut(old, first, last);
    }
    shrink(MAX_ENTRIES);
  }

  /** Cutting makes two of one, so that even a removal may leave too many. */
  private void shrink(int most) {
    while (entries.size() > most) {
      entries.pollFirstEntry();
    }
  }

  private @Nullable Entry overlap(long first, long last) {
    Map.Entry<Long, Entry> candidate = entries.floorEntry(last);
    return candidate != null && Long.compareUnsigned(candidate.getValue().last(), first) >= 0
        ? candidate.getValue()
        : null;
  }

  private void cut(Entry old, long first, long last) {
    entries.remove(old.first());
    if (Long.compareUnsigned(old.first(), first) < 0) {
      entries.put(old.first(), old.part(old.first(), first - 1));
    }
    if (Long.compareUnsigned(old.last(), last) > 0) {
      entries.put(last + 1, old.part(last + 1, old.last()));
    }
  }
}
