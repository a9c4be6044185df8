package aperture.arch.x86.vtd;

import aperture.iommu.Registers;

/**
 * Keeps the decoded registers current. Most registers that move (the queue's head and tail, fault
 * records) do not concern a walk; only those that do cost a new {@link VtdView}. Thread-safe.
 */
final class VtdViews {

  private final Registers registers;
  private volatile VtdView view;
  private volatile int generation;

  VtdViews(Registers registers) {
    this.registers = registers;
    this.generation = registers.generation();
    this.view = VtdView.of(registers);
  }

  VtdView current() {
    // The generation is read first and written last: a view is never older than it claims.
    return generation == registers.generation() ? view : refresh();
  }

  private synchronized VtdView refresh() {
    int now = registers.generation();
    VtdView held = view;
    if (!held.isOf(registers)) {
      held = VtdView.of(registers);
      view = held;
    }
    generation = now;
    return held;
  }
}
