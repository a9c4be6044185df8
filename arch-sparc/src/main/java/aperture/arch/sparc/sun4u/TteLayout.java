package aperture.arch.sparc.sun4u;

import aperture.iommu.Permission;

/**
 * A translation table entry of the TSB: 8 bytes, big-endian.
 *
 * <pre>
 *   63  62  61   60    59   58      47 46            13 12   5   4     3 2   1   0
 *   +---+---+----+-----+-----+---------+----------------+------+-----+-----+---+---+
 *   | V | - |64K |STBUF|INTRA| context | physical page  |  -   |CACHE|  -  | W | - |
 *   +---+---+----+-----+-----+---------+----------------+------+-----+-----+---+---+
 * </pre>
 *
 * <p>A valid entry allows reading; nothing can be writable alone. The lowest 3 bits of a 64 KiB
 * page's number are ignored. STBUF lets the bridge buffer what a device streams, INTRA marks a page
 * of this bus; the context says whose pages a flush of the streaming buffer means. None of the
 * three changes where an access goes.
 *
 * <p>Sources: Linux 6.1, arch/sparc/include/asm/iommu_64.h and arch/sparc/kernel/iommu.c; QEMU 7.2,
 * hw/sparc64/sun4u_iommu.c.
 */
final class TteLayout {

  static final int BYTES_SHIFT = 3;

  static final int PAGE_SHIFT = 13;
  static final long PAGE_SIZE = 1L << PAGE_SHIFT;
  static final int LARGE_SHIFT = 16;
  static final long LARGE_SIZE = 1L << LARGE_SHIFT;

  /** Entries of an 8 KiB index that one 64 KiB page takes. */
  static final int LARGE_ENTRIES = 1 << LARGE_SHIFT - PAGE_SHIFT;

  private static final long VALID = 1L << 63;
  private static final long LARGE = 1L << 61;
  private static final long STREAMING = 1L << 60;
  private static final long INTRA_BUS = 1L << 59;
  private static final long CACHEABLE = 1L << 4;
  private static final long WRITABLE = 1L << 1;
  private static final long PAGE_MASK = 0x7fff_ffff_e000L;
  private static final long CONTEXT_MASK = 0x7ff_8000_0000_0000L;
  private static final int CONTEXT_SHIFT = 47;

  private TteLayout() {}

  /** A valid entry as a kernel writes it: cacheable, context 0. */
  static long entry(long gpa, boolean writable, boolean large) {
    return VALID | CACHEABLE | gpa & PAGE_MASK | (writable ? WRITABLE : 0) | (large ? LARGE : 0);
  }

  /** The same entry on another 8 KiB page, its validity and rights kept. */
  static long moved(long tte, long gpa) {
    return tte & ~(PAGE_MASK | LARGE) | gpa & PAGE_MASK;
  }

  static boolean isValid(long tte) {
    return (tte & VALID) != 0;
  }

  /** Whether a valid entry allows writing. */
  static boolean isWritable(long tte) {
    return (tte & WRITABLE) != 0;
  }

  static boolean isLarge(long tte) {
    return (tte & LARGE) != 0;
  }

  static boolean isStreaming(long tte) {
    return (tte & STREAMING) != 0;
  }

  static int context(long tte) {
    return (int) ((tte & CONTEXT_MASK) >>> CONTEXT_SHIFT);
  }

  static boolean isCacheable(long tte) {
    return (tte & CACHEABLE) != 0;
  }

  static Permission permission(long tte) {
    return Permission.of(isValid(tte), isValid(tte) && (tte & WRITABLE) != 0);
  }

  static long pageSize(long tte) {
    return isLarge(tte) ? LARGE_SIZE : PAGE_SIZE;
  }

  /** First address of the page. */
  static long page(long tte) {
    return tte & PAGE_MASK & -pageSize(tte);
  }

  static String decode(long tte) {
    return "%s, page 0x%x of %d KiB, %s, context 0x%x%s%s%s"
        .formatted(
            isValid(tte) ? "valid" : "invalid",
            page(tte),
            pageSize(tte) >>> 10,
            (tte & WRITABLE) != 0 ? "writable" : "read-only",
            context(tte),
            isStreaming(tte) ? ", streaming" : "",
            (tte & INTRA_BUS) != 0 ? ", this bus" : "",
            isCacheable(tte) ? ", cacheable" : "");
  }
}
