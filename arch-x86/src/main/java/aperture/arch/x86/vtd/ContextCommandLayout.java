package aperture.arch.x86.vtd;

/**
 * The context command register: the old way to invalidate the context cache.
 *
 * <pre>
 *   63 ICC | 62 61 CIRG | 60 59 CAIG | 58 .. 34 | 33 32 FM | 31 .. 16 SID | 15 .. 0 DID
 * </pre>
 *
 * <p>ICC set asks, and reads 0 when it is done. CIRG is the granularity that is asked for: 1 for
 * everything, 2 for a domain, 3 for a device. CAIG is what was done, 0 when the request made no
 * sense.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4.6.1, Context Command Register.
 */
final class ContextCommandLayout {

  static final long INVALIDATE = 1L << 63;

  /** What software finds as it wrote it. */
  static final long KEPT = 0x6000_0003_ffff_ffffL;

  private static final int ASKED_SHIFT = 61;
  private static final int DONE_SHIFT = 59;
  private static final int GRANULARITY_MASK = 3;
  private static final int FUNCTION_MASK_SHIFT = 32;
  private static final int FUNCTION_MASK_MASK = 3;
  private static final int SOURCE_SHIFT = 16;
  private static final int ID_MASK = 0xffff;

  private ContextCommandLayout() {}

  static int asked(long value) {
    return (int) (value >>> ASKED_SHIFT) & GRANULARITY_MASK;
  }

  /** The register once a granularity was done. */
  static long done(long value, int granularity) {
    return value & KEPT | (long) granularity << DONE_SHIFT;
  }

  static int functionMask(long value) {
    return (int) (value >>> FUNCTION_MASK_SHIFT) & FUNCTION_MASK_MASK;
  }

  static int sourceId(long value) {
    return (int) (value >>> SOURCE_SHIFT) & ID_MASK;
  }

  static int domain(long value) {
    return (int) value & ID_MASK;
  }
}
