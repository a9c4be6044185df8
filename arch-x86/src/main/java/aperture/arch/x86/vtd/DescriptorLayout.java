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
 *   interrupts      low  47 .. 32 index | 31 .. 27 IM | 4 G | 3 .. 0 = 4
 *   wait            low  63 .. 32 status data | 7 PD | 6 FN | 5 SW | 4 IF | 3 .. 0 = 5
 *                   high 63 .. 2 status address
 *   PASID IOTLB     low  51 .. 32 PASID | 31 .. 16 DID | 5 4 G | 3 .. 0 = 6
 *                   high 63 .. 12 address | 6 IH | 5 .. 0 AM
 *   PASID cache     low  51 .. 32 PASID | 31 .. 16 DID | 5 4 G | 3 .. 0 = 7
 *   PASID           low  63 .. 52 PFSID | 51 .. 32 PASID | 31 .. 16 SID | 15 .. 12 PFSID
 *   device TLB           8 .. 4 QDEP | 3 .. 0 = 8
 *                   high 63 .. 12 address | 11 S | 0 G
 * </pre>
 *
 * <p>G is 1 for everything, 2 for a domain, 3 for a device (context) or for 2^AM pages (IOTLB).
 * With a PASID it is 2 for all of it and 3 for 2^AM pages (IOTLB), and 0 for a domain, 1 for one
 * PASID, 3 for everything (cache).
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
  static final int PASID_IOTLB = 6;
  static final int PASID_CACHE = 7;
  static final int PASID_DEVICE_TLB = 8;

  static final int GLOBAL = 1;
  static final int DOMAIN = 2;

  /** Device of a context invalidation, pages of an IOTLB invalidation. */
  static final int EXACT = 3;

  static final int PASID_CACHE_DOMAIN = 0;
  static final int PASID_CACHE_ONE = 1;
  static final int PASID_CACHE_GLOBAL = 3;

  static final long CONTEXT_RESERVED_LOW = 0xfffc_0000_0000_ffc0L;
  static final long CONTEXT_RESERVED_HIGH = -1L;
  static final long IOTLB_RESERVED_LOW = 0xffff_ffff_0000_ff00L;
  static final long IOTLB_RESERVED_HIGH = 0xf80;
  static final long DEVICE_TLB_RESERVED_LOW = 0xffff_0000_ffe0_fff8L;
  static final long DEVICE_TLB_RESERVED_HIGH = 0xffe;
  static final long WAIT_RESERVED_LOW = 0xffff_ff80L;
  static final long WAIT_RESERVED_HIGH = 3;
  static final long INTERRUPT_RESERVED_LOW = 0xffff_0000_07ff_ffe0L;
  static final long INTERRUPT_RESERVED_HIGH = -1L;
  static final long PASID_RESERVED_LOW = 0xfff0_0000_0000_ffc0L;
  static final long PASID_CACHE_RESERVED_HIGH = -1L;
  static final long PASID_DEVICE_TLB_RESERVED_LOW = 0xe00;
  static final long PASID_DEVICE_TLB_RESERVED_HIGH = 0x7fe;

  /** Bits of the invalidate address register that software can write. */
  static final long IVA_WRITABLE = -1L << 12 | 0x7f;

  static final long WAIT_INTERRUPT = 1 << 4;
  static final long WAIT_STATUS_WRITE = 1 << 5;
  static final long DEVICE_TLB_SIZED = 1;
  static final long PASID_DEVICE_TLB_SIZED = 1 << 11;
  static final long PASID_DEVICE_TLB_GLOBAL = 1;

  private static final int TYPE_MASK = 0xf;
  private static final int GRANULARITY_SHIFT = 4;
  private static final int DOMAIN_SHIFT = 16;
  private static final int SOURCE_SHIFT = 32;
  private static final int SOURCE_MASK = 0xffff;
  private static final int PASID_SHIFT = 32;
  private static final int PASID_MASK = 0xfffff;
  private static final int PASID_SOURCE_SHIFT = 16;
  private static final int HANDLE_MASK_SHIFT = 27;
  private static final int HANDLE_MASK_MASK = 0x1f;
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

  static long pasidCacheLow(int granularity, int domain) {
    return PASID_CACHE | (long) granularity << GRANULARITY_SHIFT | (long) domain << DOMAIN_SHIFT;
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
    return (int) (low >>> SOURCE_SHIFT) & SOURCE_MASK;
  }

  /** Bits of a source id that a context invalidation ignores: from function bit 2 down. */
  static int ignoredFunctionBits(long low) {
    return ignoredBits((int) (low >>> FUNCTION_MASK_SHIFT) & 3);
  }

  /** Bits of a source id that a function mask leaves out. */
  static int ignoredBits(int functionMask) {
    return 7 & ~(7 >>> functionMask);
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

  /**
   * Bytes that a device-TLB invalidation names: 2^n pages, n - 1 of them told by the ones below the
   * lowest clear address bit. 0 when no address bit is clear, which means everything.
   */
  static long sizeOf(long high, boolean sized) {
    if (!sized) {
      return SecondLevelLayout.PAGE_SIZE;
    }
    int ones = Long.numberOfTrailingZeros(~(high >>> SecondLevelLayout.PAGE_SHIFT));
    int log2 = SecondLevelLayout.PAGE_SHIFT + 1 + ones;
    return log2 < Long.SIZE ? 1L << log2 : 0;
  }

  static int pasid(long low) {
    return (int) (low >>> PASID_SHIFT) & PASID_MASK;
  }

  /** Source id of a device-TLB invalidation with PASID. */
  static int pasidSourceId(long low) {
    return (int) (low >>> PASID_SOURCE_SHIFT) & SOURCE_MASK;
  }

  /** log2 of the interrupt indexes that an interrupt cache invalidation names. */
  static int handleMask(long low) {
    return (int) (low >>> HANDLE_MASK_SHIFT) & HANDLE_MASK_MASK;
  }
}
