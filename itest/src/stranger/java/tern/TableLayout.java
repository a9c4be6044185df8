package tern;

/**
 * Root, directory and table pages: 2048 big-endian entries of 64 bits each.
 *
 * <pre>
 *   root and directory entry            table entry
 *   63                 14 13   1 0      63                 14 13   2 1 0
 *   | next page          | 0    |V|     | page               | 0    |W|R|
 *
 *   IOVA
 *   63     36 35        25 24     14 13      0
 *   | 0      | directory  | table   | offset  |
 * </pre>
 */
final class TableLayout {

  static final int PAGE_SHIFT = 14;
  static final int PAGE_BYTES = 1 << PAGE_SHIFT;
  static final int ENTRY_BYTES = 8;
  static final int ENTRIES = PAGE_BYTES / ENTRY_BYTES;
  static final int DIRECTORY_SHIFT = 25;
  static final int IOVA_BITS = 36;

  static final long VALID = 1;
  static final long READ = 1;
  static final long WRITE = 1 << 1;

  private static final long ADDRESS = -(1L << PAGE_SHIFT);

  private TableLayout() {}

  /** The page that an entry of any level names. */
  static long address(long entry) {
    return entry & ADDRESS;
  }

  static boolean valid(long entry) {
    return (entry & VALID) != 0;
  }

  /** Whether the requester has a place in the root page. */
  static boolean expresses(int requesterId) {
    return requesterId >= 0 && requesterId < ENTRIES;
  }

  static long rootEntry(long root, int requesterId) {
    return root + (long) requesterId * ENTRY_BYTES;
  }

  static long directoryEntry(long directory, long iova) {
    return directory + index(iova, DIRECTORY_SHIFT) * ENTRY_BYTES;
  }

  static long tableEntry(long table, long iova) {
    return table + index(iova, PAGE_SHIFT) * ENTRY_BYTES;
  }

  private static long index(long iova, int shift) {
    return iova >>> shift & ENTRIES - 1;
  }
}
