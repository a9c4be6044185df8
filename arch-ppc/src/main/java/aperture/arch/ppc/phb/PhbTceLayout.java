package aperture.arch.ppc.phb;

import aperture.iommu.Permission;

/**
 * A TCE in memory: 8 bytes, big-endian. The same on every level.
 *
 * <pre>
 *   63                                    12 11            2   1   0
 *   +---------------------------------------+---------------+---+---+
 *   |  page, or next table, >> 12           |    ignored    | W | R |
 *   +---------------------------------------+---------------+---+---+
 * </pre>
 *
 * <p>An entry with neither right means nothing. Above the last level the rights limit nothing more.
 *
 * <p>Source: QEMU 7.2, hw/pci-host/pnv_phb4.c, pnv_phb4_translate_tve; Linux 6.1,
 * arch/powerpc/platforms/powernv/pci-ioda-tce.c, pnv_tce_build.
 */
final class PhbTceLayout {

  static final long EMPTY = 0;

  static final int BYTES_SHIFT = 3;
  static final int BYTES = 1 << BYTES_SHIFT;

  private static final long READ = 1;
  private static final long WRITE = 2;
  private static final long RIGHTS = READ | WRITE;
  private static final long TABLE_MASK = ~0xfffL;

  private PhbTceLayout() {}

  /** The entry a kernel writes for a page: it can always be read. */
  static long page(long gpa, Permission permission) {
    return gpa | READ | (permission.write() ? WRITE : 0);
  }

  static long pointer(long table) {
    return table | RIGHTS;
  }

  static boolean isEmpty(long tce) {
    return (tce & RIGHTS) == 0;
  }

  static Permission permission(long tce) {
    return Permission.of((tce & READ) != 0, (tce & WRITE) != 0);
  }

  static long table(long tce) {
    return tce & TABLE_MASK;
  }

  static long pageOf(long tce, int pageShift) {
    return tce & -(1L << pageShift);
  }

  static String decode(long tce) {
    return "0x%x, %s%s%s"
        .formatted(
            tce & TABLE_MASK,
            (tce & READ) != 0 ? "R" : "-",
            (tce & WRITE) != 0 ? "W" : "-",
            isEmpty(tce) ? " (no access)" : "");
  }
}
