package aperture.arch.sparc.sun4v;

import aperture.iommu.PlatformTable;
import aperture.iommu.PlatformTables;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables that exist; read anew when one was made or removed. Safe from any thread. */
final class IoTables {

  private final PlatformTables tables;
  private volatile Known known;

  /** The tables of one generation. */
  static final class Known {
    private final int generation;
    private final @Nullable IoTable[] byHandle;
    private final @Nullable PlatformTable bindings;

    Known(int generation, @Nullable IoTable[] byHandle, @Nullable PlatformTable bindings) {
      this.generation = generation;
      this.byHandle = byHandle;
      this.bindings = bindings;
    }

    /** Null when there is none. */
    @Nullable IoTable find(long handle) {
      return handle < 0 || handle >= byHandle.length ? null : byHandle[(int) handle];
    }

    /** What a requester is bound to; see {@link BindingLayout}. */
    long binding(int requesterId) {
      PlatformTable table = bindings;
      return table == null || requesterId < 0 || requesterId >= table.entries()
          ? 0
          : table.get(requesterId);
    }

    void bind(int requesterId, long binding) {
      if (bindings != null) {
        bindings.set(requesterId, binding);
      }
    }
  }

  IoTables(PlatformTables tables) {
    this.tables = tables;
    this.known = read();
  }

  Known now() {
    Known current = known;
    if (current.generation != tables.generation()) {
      current = read();
      known = current;
    }
    return current;
  }

  private Known read() {
    // Before the tables: a change in between is noticed at the next look.
    int generation = tables.generation();
    @Nullable IoTable[] byHandle = new IoTable[RootComplex.MAX_IOTSBS + 1];
    for (int handle = 0; handle < byHandle.length; handle++) {
      Optional<PlatformTable> table = tables.find(handle);
      if (table.isPresent() && IoTable.problem(table.get()).isEmpty()) {
        byHandle[handle] = IoTable.of(table.get());
      }
    }
    PlatformTable bindings = tables.find(RootComplex.BINDINGS).orElse(null);
    return new Known(
        generation,
        byHandle,
        bindings != null && bindings.entries() == RootComplex.DEVICES ? bindings : null);
  }
}
