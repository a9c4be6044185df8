package aperture.arch.x86.vtd;

/**
 * The registers of the invalidation queue.
 *
 * <pre>
 *   IQA       63 ............ 12 | 11 DW | 10 .. 3 | 2 . 0 QS
 *   IQH, IQT  63 .. 19 | 18 ..... 4 (5 with DW)    | 0
 * </pre>
 *
 * <p>The queue holds 2^(QS+8) descriptors of 16 bytes or, with DW, 2^(QS+7) of 32. Head and tail
 * are byte offsets. Head equal to tail means empty.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4.9, Invalidation Queue Interface.
 */
final class QueueLayout {

  static final long ADDRESS = -1L << 12;
  static final long IQA_WRITABLE = 0xffff_ffff_ffff_f807L;
  static final long IQT_WRITABLE = 0x7fff0;

  private static final long WIDE = 1 << 11;
  private static final int SIZE_MASK = 7;
  private static final int NARROW_SHIFT = 4;
  private static final int NARROW_ENTRIES_SHIFT = 8;

  private QueueLayout() {}

  static boolean wide(long iqa) {
    return (iqa & WIDE) != 0;
  }

  /** log2 of a descriptor's bytes. */
  static int descriptorShift(long iqa) {
    return wide(iqa) ? NARROW_SHIFT + 1 : NARROW_SHIFT;
  }

  /** Number of descriptors. */
  static int entries(long iqa) {
    int shift = ((int) iqa & SIZE_MASK) + NARROW_ENTRIES_SHIFT;
    return 1 << (wide(iqa) ? shift - 1 : shift);
  }

  /** Bytes of the whole queue. */
  static long bytes(long iqa) {
    return (long) entries(iqa) << descriptorShift(iqa);
  }
}
