package aperture.iommu;

import java.util.Map;
import java.util.TreeMap;

/**
 * Pages handed out beyond where a bitmap reaches, as runs: few, because only a rebuild puts them
 * there.
 */
final class FarPages {

  /** First page and the one behind the last; no two runs overlap. */
  private final TreeMap<Long, Long> runs = new TreeMap<>();

  boolean anyIn(long from, long to) {
    Map.Entry<Long, Long> last = from < to ? runs.lowerEntry(to) : null;
    return last != null && last.getValue() > from;
  }

  /** Adds pages none of which is there. */
  void add(long from, long to) {
    if (from < to) {
      runs.put(from, to);
    }
  }

  /** Takes those out that are there. */
  void remove(long from, long to) {
    for (Map.Entry<Long, Long> run = runs.lowerEntry(to);
        run != null && run.getValue() > from;
        run = runs.lowerEntry(to)) {
      runs.remove(run.getKey());
      add(run.getKey(), Math.min(run.getValue(), from));
      add(Math.max(run.getKey(), to), run.getValue());
    }
  }

  /** The first page at or behind one; {@code to} when there is none before it. */
  long firstIn(long from, long to) {
    Map.Entry<Long, Long> before = runs.floorEntry(from);
    if (before != null && before.getValue() > from) {
      return from;
    }
    Long next = runs.ceilingKey(from);
    return next == null ? to : Math.min(next, to);
  }

  /** The end of the run that holds a page. */
  long endOf(long page) {
    Map.Entry<Long, Long> run = runs.floorEntry(page);
    return run == null ? page : run.getValue();
  }
}
