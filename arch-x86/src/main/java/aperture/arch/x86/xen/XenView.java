package aperture.arch.x86.xen;

import static aperture.arch.x86.xen.XenRegisters.GRANT_FRAMES;
import static aperture.arch.x86.xen.XenRegisters.GRANT_TABLE;
import static aperture.arch.x86.xen.XenRegisters.P2M_LIST;
import static aperture.arch.x86.xen.XenRegisters.P2M_PAGES;

import aperture.iommu.Registers;

/** Where a guest's structures lie. Immutable; made anew when something of it moves. */
final class XenView {

  private static final long MAX_FRAMES = 1L << 20;

  private final int generation;

  final long grantTable;
  final long grantBytes;
  final long list;
  final long listEntries;

  private XenView(Registers values) {
    // Before the values: a change in between is noticed at the next look.
    generation = values.generation();
    grantTable = values.get(GRANT_TABLE);
    grantBytes = bounded(values.get(GRANT_FRAMES), MAX_FRAMES) * BusAddressLayout.PAGE_SIZE;
    list = values.get(P2M_LIST);
    listEntries = bounded(values.get(P2M_PAGES), MachineFrames.MAX_FRAMES);
  }

  private static long bounded(long value, long most) {
    return Long.compareUnsigned(value, most) < 0 ? value : most;
  }

  static XenView of(Registers registers) {
    return new XenView(registers);
  }

  /** Whether looking again would find the same. */
  boolean isOf(Registers registers) {
    return generation == registers.generation();
  }
}
