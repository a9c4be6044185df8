package aperture.arch.sparc.sun4v;

import aperture.iommu.Permission;

/**
 * An entry as this model keeps it: the page's real address, and the attributes of the call that
 * mapped it.
 *
 * <pre>
 *   63                                 13 12     3   2       1       0
 *   +------------------------------------+--------+-------+-------+------+
 *   |            real address            |   0    | RELAX | WRITE | READ |
 *   +------------------------------------+--------+-------+-------+------+
 * </pre>
 *
 * <p>An entry without READ and WRITE is not mapped. RELAX, relaxed ordering, is known from version
 * 2.0 of the calls on and changes nothing here.
 *
 * <p>Source of the attributes: Linux 6.1, arch/sparc/include/asm/hypervisor.h, HV_PCI_MAP_ATTR_*.
 */
final class IotteLayout {

  static final long UNMAPPED = 0;

  static final long READ = 1;
  static final long WRITE = 2;
  static final long RELAXED = 4;

  private static final long RIGHTS = READ | WRITE;
  private static final long ATTRIBUTES = RIGHTS | RELAXED;

  private IotteLayout() {}

  static long entry(long realAddress, long attributes) {
    return realAddress | attributes;
  }

  /** Whether a call may ask for these attributes. */
  static boolean mayBe(long attributes, boolean relaxed) {
    return (attributes & RIGHTS) != 0 && (attributes & ~(relaxed ? ATTRIBUTES : RIGHTS)) == 0;
  }

  static boolean isMapped(long entry) {
    return (entry & RIGHTS) != 0;
  }

  static long attributes(long entry) {
    return entry & ATTRIBUTES;
  }

  static long realAddress(long entry) {
    return entry & ~ATTRIBUTES;
  }

  static Permission permission(long entry) {
    return Permission.of((entry & READ) != 0, (entry & WRITE) != 0);
  }

  static String decode(long entry) {
    return isMapped(entry)
        ? "page 0x%x, %s%s%s"
            .formatted(
                realAddress(entry),
                (entry & READ) != 0 ? "R" : "-",
                (entry & WRITE) != 0 ? "W" : "-",
                (entry & RELAXED) != 0 ? ", relaxed ordering" : "")
        : "not mapped";
  }
}
