package aperture.arch.ppc.tce;

import aperture.iommu.PlatformTable;
import aperture.iommu.PlatformTables;
import aperture.memory.MemoryRange;
import java.util.Map;

/**
 * What a host bridge gives its devices: the default window, one more that the guest may create, and
 * a window for message interrupts that is no memory.
 *
 * <pre>
 *   LIOBN   31                      8 7             0
 *           +--------------------------+--------------+
 *           | 0x800000 | bridge number |    window    |
 *           +--------------------------+--------------+
 *   BUID    63                                      0
 *           +-----------------------------------------+
 *           |    0x0800000020000000 + bridge number   |
 *           +-----------------------------------------+
 * </pre>
 *
 * <p>Sources: QEMU 7.2, hw/ppc/spapr_pci.c, spapr_phb_reset, spapr_phb_dma_reset and
 * spapr_phb_realize; include/hw/pci-host/spapr.h, SPAPR_PCI_LIOBN and SPAPR_PCI_MSI_WINDOW.
 */
final class HostBridge {

  /** The default window of the first host bridge. */
  static final long DEFAULT_LIOBN = 0x8000_0000L;

  /** Pages of the default window, 4 KiB. */
  static final int DEFAULT_SHIFT = 12;

  /** The default window begins at bus address 0 and has 1 GiB. */
  static final long DEFAULT_START = 0;

  static final long DEFAULT_ENTRIES = 1L << 30 >>> DEFAULT_SHIFT;

  /** Where a second window begins. */
  static final long HIGH_START = 1L << 59;

  /** Writes here are interrupts. */
  static final MemoryRange MSI_WINDOW = new MemoryRange(1L << 42, 1L << 16);

  /** The default window and one that the guest may create. */
  static final int WINDOWS = 2;

  private static final long FIRST_BUID = 0x0800_0000_2000_0000L;
  private static final long WINDOW_MASK = 0xff;
  private static final int NUMBER_SHIFT = 8;
  private static final long NUMBERS = 0xffff;

  private HostBridge() {}

  /** The default window of the bridge that a window belongs to. */
  static long defaultOf(long liobn) {
    return liobn & ~WINDOW_MASK;
  }

  /** The default window of the bridge with a unit number; -1 when no bridge can have that. */
  static long defaultOfBuid(long buid) {
    long number = buid - FIRST_BUID;
    return number < 0 || number > NUMBERS ? -1 : DEFAULT_LIOBN | number << NUMBER_SHIFT;
  }

  /** The unit number of a window's bridge. */
  static long buidOf(long liobn) {
    return FIRST_BUID + (liobn >>> NUMBER_SHIFT & NUMBERS);
  }

  /** How many windows the bridge has now. */
  static int windows(PlatformTables tables, long defaultLiobn) {
    int count = 0;
    for (int window = 0; window < WINDOWS; window++) {
      count += tables.find(defaultLiobn | window).isPresent() ? 1 : 0;
    }
    return count;
  }

  /** Resets the bridge: its windows are dropped, the default window comes back, empty. */
  static void reset(PlatformTables tables, long defaultLiobn) {
    for (int window = 0; window < WINDOWS; window++) {
      if (tables.find(defaultLiobn | window).isPresent()) {
        tables.remove(defaultLiobn | window);
      }
    }
    create(tables, defaultLiobn, DEFAULT_START, DEFAULT_SHIFT, DEFAULT_ENTRIES);
  }

  /** Makes a window, empty. */
  static PlatformTable create(
      PlatformTables tables, long liobn, long start, int pageShift, long entries) {
    return tables.create(
        liobn,
        entries,
        Map.of(TceWindow.BUS_OFFSET, start, TceWindow.PAGE_SHIFT, (long) pageShift));
  }
}
