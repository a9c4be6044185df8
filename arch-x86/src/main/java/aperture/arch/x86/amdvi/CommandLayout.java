package aperture.arch.x86.amdvi;

/**
 * A command: 16 bytes. The operation stands in bits 63 to 60 of the low quad.
 *
 * <pre>
 *   1 completion wait        low  51 .. 3 store address | 2 F | 1 I | 0 S
 *                            high 63 .. 0 store data
 *   2 invalidate entry       low  15 .. 0 requester
 *   3 invalidate pages       low  47 .. 32 domain | 19 .. 0 PASID
 *                            high 63 .. 12 address | 2 GN | 1 PDE | 0 S
 *   4 invalidate device TLB  low  59 .. 48 PASID | 47 .. 32 queue | 31 .. 24 pending
 *                                 23 .. 16 PASID | 15 .. 0 requester
 *                            high 63 .. 12 address | 2 GN | 1 PDE | 0 S
 *   5 invalidate interrupts  low  15 .. 0 requester
 *   6 prefetch               low  51 .. 32 PASID | 31 .. 24 count | 15 .. 0 requester
 *                            high 63 .. 12 address | 4 Inval | 2 GN | 0 S
 *   7 complete page request  low  51 .. 32 PASID | 15 .. 0 requester
 *                            high 47 .. 32 tag and status | 2 GN
 *   8 invalidate all
 * </pre>
 *
 * <p>Every other bit is reserved. With S the ones of the address from bit 12 up say how much, as in
 * a page table entry: 8 KiB without any, twice as much for each. PDE takes cached tables along,
 * which is nothing here: only translations are cached.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.4, Commands.
 */
final class CommandLayout {

  static final int WAIT = 1;
  static final int INVALIDATE_ENTRY = 2;
  static final int INVALIDATE_PAGES = 3;
  static final int INVALIDATE_DEVICE_TLB = 4;
  static final int INVALIDATE_INTERRUPTS = 5;
  static final int PREFETCH = 6;
  static final int COMPLETE_PAGE_REQUEST = 7;
  static final int INVALIDATE_ALL = 8;

  static final long WAIT_STORE = 1;
  static final long WAIT_INTERRUPT = 1 << 1;
  static final long PREFETCH_INVALIDATES = 1 << 4;

  private static final long SIZED = 1;
  private static final long TABLES_TOO = 1 << 1;

  /** Address of an invalidation of everything, with S. */
  private static final long EVERYTHING = 0x7fff_ffff_ffff_f000L;

  private static final int OPERATION_SHIFT = 60;
  private static final int DOMAIN_SHIFT = 32;
  private static final int ID_MASK = 0xffff;
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_ADDRESS = -1L << PAGE_SHIFT;
  private static final long STORE_ADDRESS = (1L << 52) - 8;
  private static final long OPERATION = 0xfL << OPERATION_SHIFT;

  private static final long NONE = 0;
  private static final long ALL = -1L;

  private CommandLayout() {}

  static long waitStore(long address) {
    return (long) WAIT << OPERATION_SHIFT | address | WAIT_STORE;
  }

  static long invalidateEntry(int requesterId) {
    return (long) INVALIDATE_ENTRY << OPERATION_SHIFT | requesterId;
  }

  static long invalidatePages(int domain) {
    return (long) INVALIDATE_PAGES << OPERATION_SHIFT | (long) domain << DOMAIN_SHIFT;
  }

  static long invalidateAll() {
    return (long) INVALIDATE_ALL << OPERATION_SHIFT;
  }

  /**
   * High quad of an invalidation of 2^{@code log2Pages} pages.
   *
   * @param address of the first page, aligned to the size
   */
  static long pages(long address, int log2Pages) {
    if (log2Pages == 0) {
      return address;
    }
    long ones = (1L << log2Pages - 1 + PAGE_SHIFT) - (1L << PAGE_SHIFT);
    return address | ones | SIZED;
  }

  /** High quad of an invalidation of every page, and of cached tables. */
  static long everyPage() {
    return EVERYTHING | TABLES_TOO | SIZED;
  }

  static int operation(long low) {
    return (int) (low >>> OPERATION_SHIFT);
  }

  static int requester(long low) {
    return (int) low & ID_MASK;
  }

  static int domain(long low) {
    return (int) (low >>> DOMAIN_SHIFT) & ID_MASK;
  }

  static long storeAddress(long low) {
    return low & STORE_ADDRESS;
  }

  /** Bytes that an invalidation names; 0 for everything. */
  static long size(long high) {
    if ((high & SIZED) == 0) {
      return 1L << PAGE_SHIFT;
    }
    int ones = Long.numberOfTrailingZeros(~(high >>> PAGE_SHIFT));
    int log2 = PAGE_SHIFT + 1 + ones;
    return log2 < Long.SIZE - 1 ? 1L << log2 : 0;
  }

  /** First address that an invalidation names. */
  static long address(long high) {
    return high & PAGE_ADDRESS & -size(high);
  }

  /** Whether a command has a reserved bit set, or is none. */
  static boolean malformed(long low, long high) {
    return switch (operation(low)) {
      case WAIT -> reserved(low, high, 0x0ff0_0000_0000_0000L, NONE);
      case INVALIDATE_ENTRY, INVALIDATE_INTERRUPTS ->
          reserved(low, high, 0x0fff_ffff_ffff_0000L, ALL);
      case INVALIDATE_PAGES -> reserved(low, high, 0x0fff_0000_fff0_0000L, 0xff8);
      case INVALIDATE_DEVICE_TLB -> reserved(low, high, NONE, 0xff8);
      case PREFETCH -> reserved(low, high, 0x0ff0_0000_00ff_0000L, 0xfea);
      case COMPLETE_PAGE_REQUEST ->
          reserved(low, high, 0x0ff0_0000_ffff_0000L, 0xffff_0000_ffff_fffbL);
      case INVALIDATE_ALL -> reserved(low, high, ~OPERATION, ALL);
      default -> true;
    };
  }

  private static boolean reserved(long low, long high, long inLow, long inHigh) {
    return (low & inLow) != 0 || (high & inHigh) != 0;
  }
}
