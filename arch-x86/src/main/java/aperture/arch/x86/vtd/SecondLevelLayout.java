package aperture.arch.x86.vtd;

/**
 * A second-level paging entry: 8 bytes, 512 in a table of 4 KiB. Level 1 entries map 4 KiB; level 2
 * and 3 entries with PS set map 2 MiB and 1 GiB.
 *
 * <pre>
 *   63 | 62 | 61 .. 52 | 51 .. HAW | HAW-1 .. 12 | 11  | 10 .. 8 | 7  | 6 .. 2 | 1 | 0
 *   -  | TM |    -     | reserved  |   address   | SNP |    -    | PS |   -    | W | R
 * </pre>
 *
 * <p>R and W both clear mean not present; "-" is ignored. TM and SNP are of pages only, and
 * reserved elsewhere; PS is ignored at level 1 and reserved from level 4 up. The low address bits
 * of a large page are reserved.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 9.8, Second-Stage Paging Entries.
 */
final class SecondLevelLayout {

  static final int ENTRY_SIZE = 8;
  static final int ENTRIES = 512;
  static final int INDEX_BITS = 9;
  static final int PAGE_SHIFT = 12;
  static final int PAGE_SIZE = 1 << PAGE_SHIFT;
  static final int LEVEL_2M = 2;
  static final int LEVEL_1G = 3;
  static final int MAX_LEVELS = 5;

  static final long READ = 1;
  static final long WRITE = 1 << 1;
  static final long PERMISSIONS = READ | WRITE;
  static final long PAGE = 1 << 7;

  /** Bits of the largest address that an entry holds. */
  static final int ADDRESS_BITS = 52;

  /** Address bits of any entry that our own tables hold. */
  static final long ADDRESS = (1L << ADDRESS_BITS) - PAGE_SIZE;

  static final long SNOOP = 1 << 11;
  static final long TRANSIENT = 1L << 62;

  private static final long IGNORED_HIGH = 0xbff0_0000_0000_0000L;

  private SecondLevelLayout() {}

  /** log2 of what one entry of a level covers. */
  static int shift(int level) {
    return PAGE_SHIFT + INDEX_BITS * (level - 1);
  }

  /** Offset of an address's entry in its table of a level. */
  static long offset(long iova, int level) {
    return (iova >>> shift(level) & ENTRIES - 1) * ENTRY_SIZE;
  }

  /**
   * Reserved bits of an entry that points to a table.
   *
   * @param hostMask ones below the host address width
   * @param pageAllowed whether PS has a meaning at this level
   */
  static long reservedInTable(int level, long hostMask, boolean pageAllowed) {
    long reserved = SNOOP | ~(hostMask | IGNORED_HIGH);
    return level == 1 || pageAllowed ? reserved : reserved | PAGE;
  }

  /**
   * Reserved bits of an entry that maps a page.
   *
   * @param hostMask ones below the host address width
   * @param snoop whether SNP has a meaning
   * @param transientAllowed whether TM has a meaning
   */
  static long reservedInPage(int level, long hostMask, boolean snoop, boolean transientAllowed) {
    long lowAddress = (1L << shift(level)) - PAGE_SIZE;
    long reserved = (SNOOP | lowAddress) | ~(hostMask | IGNORED_HIGH);
    if (snoop) {
      reserved &= ~SNOOP;
    }
    return transientAllowed ? reserved & ~TRANSIENT : reserved;
  }
}
