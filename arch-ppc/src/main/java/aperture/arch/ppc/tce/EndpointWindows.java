package aperture.arch.ppc.tce;

import aperture.iommu.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The windows that each endpoint's addresses can lie in: resolved once per endpoint, and again when
 * a window was made or removed. Safe from any thread.
 */
final class EndpointWindows {

  /** Endpoints that a machine can have; a stranger with a larger number is resolved each time. */
  private static final int MAX_ENDPOINTS = 1 << 11;

  private final WindowTable windows;
  private volatile @Nullable View[] views = new View[0];

  /** One endpoint's windows. */
  static final class View {
    final Endpoint endpoint;
    final int generation;
    final TceWindow[] windows;

    /** Whether a window is named that has no table. */
    final boolean incomplete;

    View(Endpoint endpoint, int generation, List<TceWindow> windows, boolean incomplete) {
      this.endpoint = endpoint;
      this.generation = generation;
      this.windows = windows.toArray(TceWindow[]::new);
      this.incomplete = incomplete;
    }
  }

  EndpointWindows(WindowTable windows) {
    this.windows = windows;
  }

  View of(Endpoint endpoint) {
    int generation = windows.generation();
    @Nullable View[] all = views;
    int index = endpoint.index();
    if (index >= 0 && index < all.length) {
      View view = all[index];
      if (view != null && view.generation == generation && view.endpoint.equals(endpoint)) {
        return view;
      }
    }
    View view = resolve(endpoint, generation);
    if (index >= 0 && index < MAX_ENDPOINTS) {
      keep(index, view);
    }
    return view;
  }

  private View resolve(Endpoint endpoint, int generation) {
    List<TceWindow> found = new ArrayList<>();
    boolean incomplete = false;
    try {
      for (long liobn : Liobns.allOf(endpoint)) {
        TceWindow window = windows.find(liobn);
        if (window == null) {
          incomplete = true;
        } else {
          found.add(window);
        }
      }
      if (!Liobns.namesAll(endpoint)) {
        addSecond(found, Liobns.defaultOf(endpoint) | 1);
      }
    } catch (NumberFormatException e) {
      incomplete = true;
    }
    return new View(endpoint, generation, found, incomplete);
  }

  /** What a guest made beside the default window. */
  private void addSecond(List<TceWindow> found, long liobn) {
    TceWindow window = windows.find(liobn);
    if (window != null && !found.contains(window)) {
      found.add(window);
    }
  }

  private synchronized void keep(int index, View view) {
    @Nullable View[] grown = Arrays.copyOf(views, Math.max(views.length, index + 1));
    grown[index] = view;
    views = grown;
  }
}
