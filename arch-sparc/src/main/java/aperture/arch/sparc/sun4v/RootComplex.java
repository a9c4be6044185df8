package aperture.arch.sparc.sun4v;

import aperture.iommu.PlatformTables;
import aperture.memory.MemoryRange;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the firmware says of the root complex, and the tables that the hypervisor keeps for it.
 *
 * <p>Sources: Linux 6.1, arch/sparc/kernel/pci_sun4v.c, pci_sun4v_iommu_init (default of
 * "virtual-dma") and pci_sun4v_atu_init ("iommu-address-ranges"). The handle is that of a machine
 * whose device tree is public; the place of the range for IOTSBs is a choice of this model.
 */
final class RootComplex {

  /** Bits 63:32 of the root complex's address, without the topmost four. */
  static final long HANDLE = 0x7c0;

  /** The window of the first table. */
  static final MemoryRange WINDOW = new MemoryRange(0x8000_0000L, 0x8000_0000L);

  /** Where IOTSBs may lie. */
  static final MemoryRange IOTSB_RANGE = new MemoryRange(1L << 40, 1L << 40);

  static final int PAGE_SHIFT = 13;
  static final long PAGE_SIZE = 1L << PAGE_SHIFT;

  /** Id of the first table. */
  static final long FIRST = 0;

  static final int MAX_IOTSBS = 64;

  /** Id of the table that says by requester id what a device is bound to. */
  static final long BINDINGS = 0x1_0000;

  static final long DEVICES = 1L << 16;

  /** Attributes of a table. */
  static final String BASE = "iova_base";

  static final String SHIFT = "page_shift";
  static final String REAL_ADDRESS = "real_address";

  private static final int[] SHIFTS = {13, 16, 22, 28};

  private RootComplex() {}

  /** Makes the tables of a partition that has just been started. */
  static void create(PlatformTables tables) {
    for (long id = FIRST; id <= MAX_IOTSBS; id++) {
      remove(tables, id);
    }
    remove(tables, BINDINGS);
    tables.create(
        FIRST,
        WINDOW.size() >>> PAGE_SHIFT,
        Map.of(BASE, WINDOW.base(), SHIFT, (long) PAGE_SHIFT, REAL_ADDRESS, 0L));
    tables.create(BINDINGS, DEVICES, Map.of());
  }

  private static void remove(PlatformTables tables, long id) {
    if (tables.find(id).isPresent()) {
      tables.remove(id);
    }
  }

  static Set<Long> pageSizes() {
    return IntStream.of(SHIFTS)
        .mapToObj(shift -> 1L << shift)
        .collect(Collectors.toUnmodifiableSet());
  }

  static boolean hasPages(long size) {
    for (int shift : SHIFTS) {
      if (size == 1L << shift) {
        return true;
      }
    }
    return false;
  }
}
