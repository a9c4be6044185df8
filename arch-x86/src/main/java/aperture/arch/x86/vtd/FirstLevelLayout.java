package aperture.arch.x86.vtd;

/**
 * A first-level paging entry, in the form of the processor's own: 8 bytes, 512 in a table of 4 KiB.
 * Level 1 entries map 4 KiB; level 2 and 3 entries with PS set map 2 MiB and 1 GiB.
 *
 * <pre>
 *   63 | 62 .. 52 | 51 .. HAW | HAW-1 .. 12 | 11 .. 8 | 7  | 6 | 5 | 4 | 3 | 2  | 1  | 0
 *   XD |    -     | reserved  |   address   |    -    | PS | D | A | - | - | US | RW | P
 * </pre>
 *
 * <p>"-" is ignored here, and so is XD: no request asks for execution. PS is reserved from level 4
 * up. Of a large page's low address bits, bit 12 has a meaning of its own and the others are
 * reserved. A and D are left as they are: a walk changes nothing.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 9.7, First-Stage Paging Entries.
 */
final class FirstLevelLayout {

  static final long PRESENT = 1;
  static final long WRITE = 1 << 1;
  static final long USER = 1 << 2;
  static final long PAGE = 1 << 7;

  /** First-stage paging modes. */
  static final int MODE_4_LEVELS = 0;

  static final int MODE_5_LEVELS = 1;

  private static final int LEVELS_OF_MODE_0 = 4;
  private static final int PAGE_ATTRIBUTE = 12;
  private static final long IGNORED_HIGH = 0xfff0_0000_0000_0000L;

  private FirstLevelLayout() {}

  static int levels(int mode) {
    return LEVELS_OF_MODE_0 + mode;
  }

  /** Whether an address is the sign extension of what the levels translate. */
  static boolean canonical(long iova, int levels) {
    int width = SecondLevelLayout.shift(levels + 1);
    int above = Long.SIZE - width;
    return iova << above >> above == iova;
  }

  /**
   * Reserved bits of an entry.
   *
   * @param hostMask ones below the host address width
   * @param page whether the entry maps a page
   * @param pageAllowed whether PS has a meaning at this level
   */
  static long reserved(int level, long hostMask, boolean page, boolean pageAllowed) {
    long reserved = ~(hostMask | IGNORED_HIGH);
    if (level == 1) {
      return reserved;
    }
    if (!page) {
      return pageAllowed ? reserved : reserved | PAGE;
    }
    return reserved | (1L << SecondLevelLayout.shift(level)) - (1L << PAGE_ATTRIBUTE + 1);
  }
}
