package aperture.arch.x86.xen;

import aperture.iommu.PlatformTables;
import org.jspecify.annotations.Nullable;

/**
 * The machine-to-physical table of a guest, looked for anew when tables come or go. Thread-safe.
 */
final class MachineTable {

  private final PlatformTables tables;
  private volatile Known known;

  /**
   * What was found.
   *
   * @param generation of the tables
   * @param frames null where the guest has no such table
   */
  private record Known(int generation, @Nullable MachineFrames frames) {}

  MachineTable(PlatformTables tables) {
    this.tables = tables;
    known = look();
  }

  /** Null where the guest has none. */
  @Nullable MachineFrames current() {
    Known now = known;
    if (now.generation != tables.generation()) {
      now = look();
      known = now;
    }
    return now.frames;
  }

  private Known look() {
    // Before the table: a change in between is noticed at the next look.
    int generation = tables.generation();
    return new Known(generation, MachineFrames.of(tables));
  }
}
