package aperture.arch.x86.amdvi;

/**
 * An entry of a host page table: 8 bytes, 512 in a table of 4 KiB.
 *
 * <pre>
 *   page    63 | 62 | 61 | 60 | 59 | 58 .. 52 | 51 ... 12 | 11 9 | 8 7 | 6 | 5 | 4 1 | 0
 *           -  | IW | IR | FC | U  | reserved |  address  | next |  -  | D | A |  -  | PR
 *   table   63 | 62 | 61 | 60 ... 52          | 51 ... 12 | 11 9 | 8 .. 6  | 5 | 4 1 | 0
 *           -  | IW | IR | reserved           |  address  | next |    -    | A |  -  | PR
 * </pre>
 *
 * <p>The next level is 0 for a page of the level's own size, 7 for a page whose size stands in its
 * address, else the level of the table that the entry points to, lower than the entry's own. With 7
 * the ones from bit 12 up say the size, which lies between the sizes of this level and the next
 * higher one:
 *
 * <pre>
 *   51 ........ 16 15 14 13 12     size
 *   a  ......... a  a  a  a  0      8 KiB
 *   a  ......... a  a  a  0  1     16 KiB
 *   a  ......... a  a  0  1  1     32 KiB    and so on
 * </pre>
 *
 * <p>"-" is ignored. A and D are written by units that keep them; ours does not.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.2.3, I/O Page Tables for Host Translations.
 */
final class PageEntryLayout {

  static final int ENTRY_SIZE = 8;
  static final int ENTRIES = 512;
  static final int INDEX_BITS = 9;
  static final int PAGE_SHIFT = 12;
  static final int PAGE_SIZE = 1 << PAGE_SHIFT;
  static final int MAX_LEVELS = 6;

  static final long PRESENT = 1;
  static final long ACCESSED = 1 << 5;
  static final long DIRTY = 1 << 6;
  static final long FORCE_COHERENT = 1L << 60;
  static final long READ = DeviceEntryLayout.READ;
  static final long WRITE = DeviceEntryLayout.WRITE;
  static final long PERMISSIONS = READ | WRITE;

  /** Next level of a page of the level's own size. */
  static final int PAGE = 0;

  /** Next level of a page whose size stands in its address. */
  static final int SIZED_PAGE = 7;

  private static final int ADDRESS_BITS = 52;
  private static final long ADDRESS = (1L << ADDRESS_BITS) - PAGE_SIZE;
  private static final int NEXT_SHIFT = 9;
  private static final int NEXT_MASK = 7;
  private static final long RESERVED_IN_PAGE = 0x07f0_0000_0000_0000L;
  private static final long RESERVED_IN_TABLE = 0x1ff0_0000_0000_0000L;

  private PageEntryLayout() {}

  /** log2 of what one entry of a level covers; 66 for the level above the highest. */
  static int shift(int level) {
    return PAGE_SHIFT + INDEX_BITS * (level - 1);
  }

  /** Offset of an address's entry in its table of a level. */
  static long offset(long iova, int level) {
    return (iova >>> shift(level) & ENTRIES - 1) * ENTRY_SIZE;
  }

  /** Whether a table of some levels does not reach an address. */
  static boolean beyond(long iova, int levels) {
    int width = shift(levels + 1);
    return width < Long.SIZE && iova >>> width != 0;
  }

  /** The level whose entries map a page of a size. */
  static int levelOf(int sizeLog2) {
    return (sizeLog2 - PAGE_SHIFT) / INDEX_BITS + 1;
  }

  /**
   * An entry that maps a page. One larger than its level's own size is written to each of the
   * entries that it covers.
   *
   * @param address aligned to the size
   * @param sizeLog2 log2 of its size
   * @param permissions {@link #READ}, {@link #WRITE} or both
   */
  static long page(long address, int sizeLog2, long permissions) {
    if (sizeLog2 == shift(levelOf(sizeLog2))) {
      return address | permissions | PRESENT;
    }
    long ones = (1L << sizeLog2 - 1) - PAGE_SIZE;
    return address | ones | (long) SIZED_PAGE << NEXT_SHIFT | permissions | PRESENT;
  }

  /** An entry that points to a table of the level given. */
  static long table(long address, int level) {
    return address | (long) level << NEXT_SHIFT | PERMISSIONS | PRESENT;
  }

  /**
   * Whether an entry is what nearly every one above level 1 is: nothing is wrong with it, it allows
   * what is needed, and leads to a table of the next lower level.
   *
   * @param need one of {@link #PERMISSIONS}
   */
  static boolean leadsDown(long entry, int level, long need) {
    long telling = PRESENT | RESERVED_IN_TABLE | (long) NEXT_MASK << NEXT_SHIFT | need;
    return level > 1 && (entry & telling) == (PRESENT | level - 1L << NEXT_SHIFT | need);
  }

  static boolean present(long entry) {
    return (entry & PRESENT) != 0;
  }

  static int nextLevel(long entry) {
    return (int) (entry >>> NEXT_SHIFT) & NEXT_MASK;
  }

  static boolean isPage(long entry) {
    int next = nextLevel(entry);
    return next == PAGE || next == SIZED_PAGE;
  }

  static long address(long entry) {
    return entry & ADDRESS;
  }

  /** Reserved bits that are set. */
  static long reserved(long entry) {
    return entry & (isPage(entry) ? RESERVED_IN_PAGE : RESERVED_IN_TABLE);
  }

  /** log2 of the size of the page that an entry of a level maps. */
  static int sizeLog2(long entry, int level) {
    return nextLevel(entry) == SIZED_PAGE ? sizeLog2(entry) : shift(level);
  }

  /** Whether a page's size belongs to the level of its entry; one that is not stated does. */
  static boolean sizeFits(long entry, int level) {
    int sizeLog2 = sizeLog2(entry, level);
    return nextLevel(entry) != SIZED_PAGE || sizeLog2 > shift(level) && sizeLog2 < shift(level + 1);
  }

  /** log2 of the size of a page whose size stands in its address; 53 where all bits are ones. */
  static int sizeLog2(long entry) {
    return Long.numberOfTrailingZeros(~(entry | PAGE_SIZE - 1) | 1L << ADDRESS_BITS) + 1;
  }
}
