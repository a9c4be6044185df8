package aperture.arch.ppc.tce;

import aperture.iommu.Permission;

/**
 * A translation control entry: one 64-bit word of a window's table; big-endian where it lies in a
 * guest's memory.
 *
 * <pre>
 *   63                              page_shift            2   1   0
 *   +--------------------------------------+---------------+---+---+
 *   |           real page number           |    ignored    | W | R |
 *   +--------------------------------------+---------------+---+---+
 * </pre>
 *
 * <p>R lets the device read memory, W lets it write. An entry with neither means nothing.
 *
 * <p>Sources: Linux 6.1, arch/powerpc/include/asm/tce.h; QEMU 7.2, hw/ppc/spapr_iommu.c,
 * spapr_tce_translate_iommu.
 */
final class TceLayout {

  /** Entry that means nothing. */
  static final long EMPTY = 0;

  /** Bytes of an entry in a list. */
  static final int BYTES = 8;

  private static final long READ = 1;
  private static final long WRITE = 2;
  private static final long RIGHTS = READ | WRITE;

  private TceLayout() {}

  /**
   * The entry a kernel writes. It always allows reading, so that nothing can be mapped for writing
   * alone (Linux 6.1, arch/powerpc/platforms/pseries/iommu.c, tce_build_pSeriesLP).
   */
  static long entry(long gpa, Permission permission) {
    return gpa | READ | (permission.write() ? WRITE : 0);
  }

  static boolean isEmpty(long tce) {
    return (tce & RIGHTS) == 0;
  }

  static Permission permission(long tce) {
    return Permission.of((tce & READ) != 0, (tce & WRITE) != 0);
  }

  /** First address of the page. */
  static long page(long tce, int pageShift) {
    return tce & -(1L << pageShift);
  }

  /** The fields, for people; a 4 KiB window's page number. */
  static String decode(long tce) {
    return "page 0x%x, %s%s%s"
        .formatted(
            tce & ~0xfffL,
            (tce & READ) != 0 ? "R" : "-",
            (tce & WRITE) != 0 ? "W" : "-",
            isEmpty(tce) ? " (no access)" : "");
  }
}
