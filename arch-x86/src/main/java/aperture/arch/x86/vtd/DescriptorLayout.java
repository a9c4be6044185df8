package aperture.arch.x86.vtd;

/**
 * An invalidation descriptor: 16 bytes (32 in a wide queue, whose second half is 0 for all of
 * these).
 *
 * <pre>
 *   context cache   low  49 48 FM | 47 .. 32 SID | 31 .. 16 DID | 5 4 G | 3 .. 0 = 1
 *   IOTLB           low  31 .. 16 DID | 7 DR | 6 DW | 5 4 G | 3 .. 0 = 2
 *                   high 63 .. 12 address | 6 IH | 5 .. 0 AM
 *   device TLB      low  47 .. 32 SID | 20 .. 16 QDEP | 15 .. 12 PFSID | 3 .. 0 = 3
 *                   high 63 .. 12 address | 0 S
 *   wait            low  63 .. 32 status data | 7 PD | 6 FN | 5 SW | 4 IF | 3 .. 0 = 5
 *                   high 63 .. 2 status address
 * </pre>
 *
 * <p>G is 1 for everything, 2 for a domain, 3 for a device (context) or for 2^AM pages (IOTLB).
 *
 * <p>Source: Intel VT-d, rev 5.10, section 6.5.2, Queued Invalidation Interface.
 */
final class DescriptorLayout {

  static final int SIZE = 16;
  static final int HIGH = 8;

  static final int CONTEXT = 1;
  static final int IOTLB = 2;
  static final int DEVICE_TLB = 3;
  static final int INTERRUPT_CACHE = 4;
  static final int WAIT = 5;

  static final int GLOBAL = 1;
  static final int DOMAIN = 2;

  /** Device of a context invalidation, pages of an IOTLB invalidation. */
  static final int EXACT = 3;

  static final long CONTEXT_RESERVED_LOW = 0xfffc_0000_0000_ffc0L;
  static final long CONTEXT_RESERVED_HIGH = -1L;
  static final long IOTLB_RESERVED_LOW = 0xffff_ffff_0000_ff00L;
  static final long IOTLB_RESERVED_HIGH = 0xf80;
  static final long DEVICE_TLB_RESERVED_LOW = 0xffff_0000_ffe0_fff8L;
  static final long DEVICE_TLB_RESERVED_HIGH = 0xffe;
  static final long WAIT_RESERVED_LOW = 0xffff_ff80L;
  static final long WAIT_RESERVED_HIGH = 3;

  static final long WAIT_INTERRUPT = 1 << 4;
  static final long WAIT_STATUS_WRITE = 1 << 5;
  static final long DEVICE_TLB_SIZED = 1;

  private static final int TYPE_MASK = 0xf;
  private static final int GRANULARITY_SHIFT = 4;
  private static final int DOMAIN_SHIFT = 16;
  private static final int SOURCE_SHIFT = 32;
  private static final int FUNCTION_MASK_SHIFT = 48;
  private static final int STATUS_SHIFT = 32;
  private static final int ADDRESS_MASK_BITS = 0x3f;
  private static final long PAGE_ADDRESS = -1L << 12;

  private DescriptorLayout() {}

  static long contextLow(int granularity, int domain, int sourceId) {
    return CONTEXT
        | (long) granularity << GRANULARITY_SHIFT
        | (long) domain << DOMAIN_SHIFT
        | (long) sourceId << SOURCE_SHIFT;
  }

  static long iotlbLow(int granularity, int domain) {
    return IOTLB | (long) granularity << GRANULARITY_SHIFT | (long) domain << DOMAIN_SHIFT;
  }

  /**
   * @param address of the first page, aligned to the size
   * @param addressMask log2 of the number of pages
   */
  static long iotlbHigh(long address, int addressMask) {
    return address | addressMask;
  }

  static long waitLow(int statusData) {
    return WAIT | WAIT_STATUS_WRITE | (long) statusData << STATUS_SHIFT;
  }

  static int type(long low) {
    return (int) low & TYPE_MASK;
  }

  static int granularity(long low) {
    return (int) (low >>> GRANULARITY_SHIFT) & 3;
  }

  static int domain(long low) {
    return (int) (low >>> DOMAIN_SHIFT) & 0xffff;
  }

  static int sourceId(long low) {
    return (int) (low >>> SOURCE_SHIFT) & 0xffff;
  }

  /** Bits of a source id that a context invalidation ignores: from function bit 2 down. */
  static int ignoredFunctionBits(long low) {
    int bits = (int) (low >>> FUNCTION_MASK_SHIFT) & 3;
    return 7 & ~(7 >>> bits);
  }

  static int statusData(long low) {
    return (int) (low >>> STATUS_SHIFT);
  }

  static int addressMask(long high) {
    return (int) high & ADDRESS_MASK_BITS;
  }

  static long address(long high) {
    return high & PAGE_ADDRESS;
  }
}
