package aperture.arch.x86.xen;

import static aperture.arch.x86.xen.XenRegisters.GRANT_FRAMES;
import static aperture.arch.x86.xen.XenRegisters.GRANT_TABLE;
import static aperture.arch.x86.xen.XenRegisters.P2M_LIST;
import static aperture.arch.x86.xen.XenRegisters.P2M_PAGES;

import aperture.iommu.IommuState;
import aperture.iommu.PlatformTables;
import aperture.iommu.Registers;
import org.jspecify.annotations.Nullable;

/** Where a guest's structures lie. Immutable; made anew when something of it moves. */
final class XenView {

  private static final long MAX_FRAMES = 1L << 20;

  private final int registers;
  private final int tables;

  final long grantTable;
  final long grantEntries;
  final long list;
  final long listEntries;
  final @Nullable MachineFrames frames;

  private XenView(IommuState state) {
    // Before what they guard: a change in between is noticed at the next look.
    registers = state.registers().generation();
    tables = state.tables().generation();
    Registers values = state.registers();
    grantTable = values.get(GRANT_TABLE);
    grantEntries = bounded(values.get(GRANT_FRAMES), MAX_FRAMES) * GrantEntryLayout.PER_FRAME;
    list = values.get(P2M_LIST);
    listEntries = bounded(values.get(P2M_PAGES), MachineFrames.MAX_FRAMES);
    frames = MachineFrames.of(state.tables());
  }

  private static long bounded(long value, long most) {
    return Long.compareUnsigned(value, most) < 0 ? value : most;
  }

  static XenView of(IommuState state) {
    return new XenView(state);
  }

  /** Whether looking again would find the same. */
  boolean isOf(Registers nowRegisters, PlatformTables nowTables) {
    return registers == nowRegisters.generation() && tables == nowTables.generation();
  }
}
