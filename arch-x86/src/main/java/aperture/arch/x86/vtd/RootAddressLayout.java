package aperture.arch.x86.vtd;

/**
 * The root table address register.
 *
 * <pre>
 *   63 ......................... 12 | 11  10 | 9 ...... 0
 *   root table address              |  TTM   | reserved
 * </pre>
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4.5, Root Table Address Register.
 */
final class RootAddressLayout {

  static final long ADDRESS = -1L << 12;
  static final long WRITABLE = -1L << 10;

  static final int TTM_LEGACY = 0;
  static final int TTM_SCALABLE = 1;
  static final int TTM_ABORT = 3;

  private static final int TTM_SHIFT = 10;
  private static final int TTM_MASK = 3;

  private RootAddressLayout() {}

  static long of(long table, int mode) {
    return table | (long) mode << TTM_SHIFT;
  }

  /** Translation table mode. */
  static int mode(long rtaddr) {
    return (int) (rtaddr >>> TTM_SHIFT) & TTM_MASK;
  }
}
