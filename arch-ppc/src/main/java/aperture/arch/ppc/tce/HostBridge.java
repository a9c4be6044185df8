package aperture.arch.ppc.tce;

import aperture.iommu.PlatformTables;
import aperture.memory.MemoryRange;
import java.util.Map;

/**
 * What a host bridge gives its devices: the default window, and a window for message interrupts
 * that is no memory.
 *
 * <pre>
 *   LIOBN   31                      8 7             0
 *           +--------------------------+--------------+
 *           | 0x800000 | bridge number |    window    |
 *           +--------------------------+--------------+
 * </pre>
 *
 * <p>Sources: QEMU 7.2, hw/ppc/spapr_pci.c, spapr_phb_reset and spapr_phb_dma_reset;
 * include/hw/pci-host/spapr.h, SPAPR_PCI_LIOBN and SPAPR_PCI_MSI_WINDOW.
 */
final class HostBridge {

  /** The default window of the first host bridge. */
  static final long DEFAULT_LIOBN = 0x8000_0000L;

  /** Pages of the default window, 4 KiB. */
  static final int DEFAULT_SHIFT = 12;

  /** The default window begins at bus address 0 and has 1 GiB. */
  static final long DEFAULT_START = 0;

  static final long DEFAULT_ENTRIES = 1L << 30 >>> DEFAULT_SHIFT;

  /** Writes here are interrupts. */
  static final MemoryRange MSI_WINDOW = new MemoryRange(1L << 42, 1L << 16);

  /** The default window and one that the guest may create. */
  private static final int WINDOWS = 2;

  private HostBridge() {}

  /** Resets the bridge: its windows are dropped, the default window comes back, empty. */
  static void reset(PlatformTables tables, long defaultLiobn) {
    for (int window = 0; window < WINDOWS; window++) {
      if (tables.find(defaultLiobn | window).isPresent()) {
        tables.remove(defaultLiobn | window);
      }
    }
    tables.create(
        defaultLiobn,
        DEFAULT_ENTRIES,
        Map.of(TceWindow.BUS_OFFSET, DEFAULT_START, TceWindow.PAGE_SHIFT, (long) DEFAULT_SHIFT));
  }
}
