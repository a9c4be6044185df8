package aperture.arch.ppc.tce;

import aperture.iommu.PlatformTable;
import aperture.iommu.PlatformTables;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The windows that exist, by LIOBN: read anew when one was made or removed. Safe from any thread.
 */
final class WindowTable {

  private final PlatformTables tables;
  private volatile Known known;

  /** The windows of one generation. */
  private static final class Known {
    final int generation;
    final TceWindow[] windows;

    Known(int generation, List<TceWindow> windows) {
      this.generation = generation;
      this.windows = windows.toArray(TceWindow[]::new);
    }
  }

  WindowTable(PlatformTables tables) {
    this.tables = tables;
    this.known = read(tables);
  }

  private static Known read(PlatformTables tables) {
    // Before the tables: a change in between is noticed at the next look.
    int generation = tables.generation();
    List<TceWindow> windows = new ArrayList<>();
    for (PlatformTable table : tables.all()) {
      if (TceWindow.problem(table).isEmpty()) {
        windows.add(TceWindow.of(table));
      }
    }
    return new Known(generation, windows);
  }

  private Known current() {
    Known now = known;
    if (now.generation != tables.generation()) {
      now = read(tables);
      known = now;
    }
    return now;
  }

  /** Moves whenever a window was made or removed. */
  int generation() {
    return tables.generation();
  }

  @Nullable TceWindow find(long liobn) {
    for (TceWindow window : current().windows) {
      if (window.liobn() == liobn) {
        return window;
      }
    }
    return null;
  }
}
