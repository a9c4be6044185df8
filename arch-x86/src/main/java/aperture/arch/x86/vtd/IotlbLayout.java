package aperture.arch.x86.vtd;

/**
 * The IOTLB registers: the old way to invalidate translations.
 *
 * <pre>
 *   IVA    63 ............... 12 address | 11 .. 7 | 6 IH | 5 .. 0 AM
 *   IOTLB  63 IVT | 61 60 IIRG | 58 57 IAIG | 49 DR | 48 DW | 47 .. 32 DID | 31 .. 0
 * </pre>
 *
 * <p>IVT set asks, and reads 0 when it is done. IIRG is the granularity that is asked for: 1 for
 * everything, 2 for a domain, 3 for the 2^AM pages that IVA names. IAIG is what was done, 0 when
 * the request made no sense.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4.6.2, IOTLB Registers.
 */
final class IotlbLayout {

  static final long INVALIDATE = 1L << 63;

  /** What software finds as it wrote it. */
  static final long KEPT = 0x3003_ffff_0000_0000L;

  private static final int ASKED_SHIFT = 60;
  private static final int DONE_SHIFT = 57;
  private static final int GRANULARITY_MASK = 3;
  private static final int DOMAIN_SHIFT = 32;
  private static final int DOMAIN_MASK = 0xffff;

  private IotlbLayout() {}

  static int asked(long value) {
    return (int) (value >>> ASKED_SHIFT) & GRANULARITY_MASK;
  }

  /** The register once a granularity was done. */
  static long done(long value, int granularity) {
    return value & KEPT | (long) granularity << DONE_SHIFT;
  }

  static int domain(long value) {
    return (int) (value >>> DOMAIN_SHIFT) & DOMAIN_MASK;
  }
}
