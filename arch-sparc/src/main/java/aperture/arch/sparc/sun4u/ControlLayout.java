package aperture.arch.sparc.sun4u;

/**
 * The control register.
 *
 * <pre>
 *   63     27 26   25    24      23      22   19 18  16 15   3   2     1      0
 *   +--------+-------+---------+-------+--------+------+-----+-------+-------+------+
 *   |   -    |XLTESTA|XLTEERR  | LCKEN | LCKPTR |TSBSZ |  -  | TBWSZ | DENAB | ENAB |
 *   +--------+-------+---------+-------+--------+------+-----+-------+-------+------+
 * </pre>
 *
 * <p>TSBSZ: 1024 shifted left by it is the number of TSB entries. TBWSZ: the page size that the TSB
 * index assumes, 8 KiB or 64 KiB. DENAB shows the IOTLB in registers. LCKEN keeps the entry that
 * LCKPTR names where it is. XLTEERR says that a translation failed, XLTESTAT how; software clears
 * XLTEERR by writing it as 0.
 *
 * <p>Sources: Linux 6.1, arch/sparc/kernel/psycho_common.c and pci_sabre.c; QEMU 7.2,
 * hw/sparc64/sun4u_iommu.c.
 */
final class ControlLayout {

  static final long ENABLE = 1;
  static final long DIAGNOSTIC = 1L << 1;
  static final long INDEX_64K = 1L << 2;
  static final long ERROR = 1L << 24;

  private static final int SIZE_SHIFT = 16;
  private static final long SIZE_MASK = 7L << SIZE_SHIFT;
  private static final int STATUS_SHIFT = 25;
  private static final long STATUS_MASK = 3L << STATUS_SHIFT;
  private static final long LOCK_ENABLE = 1L << 23;
  private static final int LOCK_SHIFT = 19;
  private static final long LOCK_MASK = 0xf;
  private static final long LEAST_ENTRIES = 1024;

  /** The largest size code that the 64 KiB index knows. */
  private static final int LARGEST_64K_SIZE = 5;

  private ControlLayout() {}

  static int size(long control) {
    return (int) ((control & SIZE_MASK) >>> SIZE_SHIFT);
  }

  static long withSize(long control, int size) {
    return control & ~SIZE_MASK | (long) size << SIZE_SHIFT;
  }

  static long entries(int size) {
    return LEAST_ENTRIES << size;
  }

  /** Whether the combination of index page size and TSB size is defined. */
  static boolean isDefined(long control) {
    return (control & INDEX_64K) == 0 || size(control) <= LARGEST_64K_SIZE;
  }

  static int status(long control) {
    return (int) ((control & STATUS_MASK) >>> STATUS_SHIFT);
  }

  static long withError(long control, int status) {
    return control & ~STATUS_MASK | (long) status << STATUS_SHIFT | ERROR;
  }

  static String decode(long control) {
    return "%s, %d entries, index of %d KiB%s%s%s"
        .formatted(
            (control & ENABLE) != 0 ? "enabled" : "disabled",
            entries(size(control)),
            (control & INDEX_64K) != 0 ? TteLayout.LARGE_SIZE >>> 10 : TteLayout.PAGE_SIZE >>> 10,
            (control & DIAGNOSTIC) != 0 ? ", diagnostic" : "",
            (control & LOCK_ENABLE) != 0
                ? ", entry %d locked".formatted(control >>> LOCK_SHIFT & LOCK_MASK)
                : "",
            (control & ERROR) != 0 ? ", " + Sun4uFaults.describe(status(control)) : "");
  }
}
