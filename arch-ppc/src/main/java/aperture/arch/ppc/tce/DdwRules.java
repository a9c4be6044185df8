package aperture.arch.ppc.tce;

import aperture.machine.MachineRow;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a machine version lets a guest do with dynamic DMA windows.
 *
 * <pre>
 *   page sizes of the answer to a query
 *   8    7    6     5     4    3    2    1    0
 *   +----+----+-----+-----+----+----+----+----+----+
 *   | 2M |16G |256M |128M |64M |32M |16M |64K | 4K |
 *   +----+----+-----+-----+----+----+----+----+----+
 * </pre>
 *
 * <p>Source: QEMU 7.2, hw/ppc/spapr_rtas_ddw.c, spapr_page_mask_to_query_mask; hw/ppc/spapr.c,
 * spapr_machine_2_6_class_options (no windows) and spapr_machine_4_1_class_options (page sizes).
 *
 * @param enabled whether the calls exist
 * @param pageSizes bit {@code n} for pages of 2^n bytes
 */
record DdwRules(boolean enabled, long pageSizes) {

  static final String ENABLED = "spapr.ddw";
  static final String PAGE_SIZES = "spapr.page-sizes";

  /** The newest machine: 4 KiB, 64 KiB, 2 MiB and 16 MiB. */
  static final DdwRules NEWEST = new DdwRules(true, 1L << 12 | 1L << 16 | 1L << 21 | 1L << 24);

  /** Page shifts in the order of the bits of the answer. */
  private static final int[] SHIFTS = {12, 16, 24, 25, 26, 27, 28, 34, 21};

  /** What some machine may have; 4 KiB, the default window's, among them. */
  static Set<Long> knownPageSizes() {
    return IntStream.of(SHIFTS)
        .mapToObj(shift -> 1L << shift)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The rules of a machine type of the family; without the facts nothing is allowed. */
  static DdwRules of(MachineRow row) {
    return new DdwRules(
        row.property(ENABLED).orElse("off").equals("on"),
        Long.decode(row.property(PAGE_SIZES).orElse("0")));
  }

  /** The page sizes as a query answers them. */
  int queryMask() {
    int mask = 0;
    for (int bit = 0; bit < SHIFTS.length; bit++) {
      if (allows(SHIFTS[bit])) {
        mask |= 1 << bit;
      }
    }
    return mask;
  }

  boolean allows(int pageShift) {
    return pageShift > 0 && pageShift < Long.SIZE && (pageSizes >>> pageShift & 1) != 0;
  }

  /** The largest page shift in a query's answer; 0 when there is none. */
  static int largestShift(int queryMask) {
    int largest = 0;
    for (int bit = 0; bit < SHIFTS.length; bit++) {
      if ((queryMask >>> bit & 1) != 0) {
        largest = Math.max(largest, SHIFTS[bit]);
      }
    }
    return largest;
  }
}
