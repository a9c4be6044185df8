package aperture.arch.x86.amdvi;

import aperture.iommu.Registers;

/**
 * Keeps the decoded registers current. Most registers that move (heads and tails of the rings,
 * status) do not concern a walk; only those that do cost a new {@link AmdViView}. Thread-safe.
 */
final class AmdViViews {

  private final Registers registers;
  private volatile AmdViView view;
  private volatile int generation;

  AmdViViews(Registers registers) {
    this.registers = registers;
    this.generation = registers.generation();
    this.view = AmdViView.of(registers);
  }

  AmdViView current() {
    // The generation is read first and written last: a view is never older than it claims.
    return generation == registers.generation() ? view : refresh();
  }

  private synchronized AmdViView refresh() {
    int now = registers.generation();
    AmdViView held = view;
    if (!held.isOf(registers)) {
      held = AmdViView.of(registers);
      view = held;
    }
    generation = now;
    return held;
  }
}
