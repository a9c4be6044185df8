package aperture.arch.x86.xen;

import aperture.iommu.PlatformTable;
import aperture.iommu.PlatformTables;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hypervisor's machine-to-physical table, as far as it concerns one guest: for each machine
 * frame from the first on, the guest-physical frame that it was given to. The guest's own list has
 * the last word: a frame is the guest's where both agree.
 *
 * <p>Memory is given in extents of 2 MiB, the highest first, so that what is contiguous in the
 * guest is not on the bus.
 */
final class MachineFrames {

  private static final long TABLE_ID = 0;
  private static final String OFFSET = "bus_offset";
  private static final String SHIFT = "page_shift";

  /** Machine addresses begin beyond any guest-physical one, so that no number means both. */
  private static final long FIRST = 1L << 28;

  private static final long EXTENT = 512;

  /** Most frames of a guest: 1 TiB. */
  static final long MAX_FRAMES = 1L << 28;

  private final PlatformTable table;
  private final long first;

  private MachineFrames(PlatformTable table) {
    this.table = table;
    first = table.attributes().getOrDefault(OFFSET, 0L) >>> BusAddressLayout.PAGE_SHIFT;
  }

  /** The table of a guest; null where it has none. */
  static @Nullable MachineFrames of(PlatformTables tables) {
    return tables.find(TABLE_ID).map(MachineFrames::new).orElse(null);
  }

  /** Makes the table for a guest of some frames, none given yet. */
  static MachineFrames create(PlatformTables tables, long frames) {
    return new MachineFrames(
        tables.create(
            TABLE_ID,
            roundedUp(frames),
            Map.of(
                OFFSET,
                FIRST << BusAddressLayout.PAGE_SHIFT,
                SHIFT,
                (long) BusAddressLayout.PAGE_SHIFT)));
  }

  private static long roundedUp(long frames) {
    return (frames + EXTENT - 1) & -EXTENT;
  }

  /** Gives a machine frame to a guest-physical one; returns its number. */
  long give(long physical) {
    long extent = table.entries() - EXTENT - (physical & -EXTENT);
    long index = extent + physical % EXTENT;
    table.set(index, physical);
    return first + index;
  }

  /** Place of a machine frame in the table; negative when it is beyond it. */
  long index(long machine) {
    long index = machine - first;
    return Long.compareUnsigned(index, table.entries()) < 0 ? index : -1;
  }

  /** The guest-physical frame at a place in the table. */
  long physical(long index) {
    return table.get(index);
  }
}
