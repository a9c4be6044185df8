package aperture.arch.x86.xen;

import aperture.iommu.Registers;

/** Keeps what the registers say current. Thread-safe. */
final class XenViews {

  private final Registers registers;
  private volatile XenView view;

  XenViews(Registers registers) {
    this.registers = registers;
    view = XenView.of(registers);
  }

  XenView current() {
    XenView now = view;
    if (!now.isOf(registers)) {
      now = XenView.of(registers);
      view = now;
    }
    return now;
  }
}
