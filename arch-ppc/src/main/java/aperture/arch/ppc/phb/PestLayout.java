package aperture.arch.ppc.phb;

import aperture.iommu.Access;

/**
 * What the bridge knows of a PE's errors: a word A and a word B inside the bridge, and 16 bytes in
 * memory, big-endian, with more.
 *
 * <pre>
 *   A      63   58  56  55  54     47      45     44   31          16
 *          +---+-------+---+---+--------+-------+-------+-------------+
 *          |stp| type  |CA |UR |  IODA  |TCE pf |TCE acc| requester   |   others 0
 *          +---+-------+---+---+--------+-------+-------+-------------+
 *   B      63
 *          +---+------------------------------------------------------+
 *          |stp|                          0                           |
 *          +---+------------------------------------------------------+
 *   memory word 0 as A; word 1: 60:0 address of the access that failed
 * </pre>
 *
 * <p>A's stp: loads and stores of the processor are frozen. B's stp: DMA is stopped. Software
 * clears both to let the PE go on.
 *
 * <p>Sources: skiboot, include/phb4-regs.h (IODA3_PESTA_*, IODA3_PESTB_*) and hw/phb4.c,
 * phb4_eeh_freeze_status.
 */
final class PestLayout {

  static final long STOPPED = 1L << 63;

  /** Bytes in memory for each PE. */
  static final int BYTES = 16;

  static final int SECOND_WORD = 8;

  static final int DMA_WRITE = 0;
  static final int DMA_READ = 2;

  /** Reasons, numbered by their bits as the documents count them. */
  static final int IODA_ERROR = 16;

  static final int PAGE_FAULT = 18;
  static final int ACCESS_FAULT = 19;

  private static final int HIGHEST_BIT = 63;
  private static final int TYPE_SHIFT = 56;
  private static final long TYPE_MASK = 7;
  private static final int REQUESTER_SHIFT = 16;
  private static final long REQUESTER_MASK = 0xffff;
  private static final long ADDRESS_MASK = (1L << 61) - 1;

  private PestLayout() {}

  static long wordA(Access access, int reason, int requesterId) {
    return STOPPED
        | (long) (access == Access.WRITE ? DMA_WRITE : DMA_READ) << TYPE_SHIFT
        | 1L << HIGHEST_BIT - reason
        | (requesterId & REQUESTER_MASK) << REQUESTER_SHIFT;
  }

  static long secondWord(long address) {
    return address & ADDRESS_MASK;
  }

  static boolean isStopped(long word) {
    return (word & STOPPED) != 0;
  }

  static int type(long wordA) {
    return (int) (wordA >>> TYPE_SHIFT & TYPE_MASK);
  }

  static Access access(long wordA) {
    return type(wordA) == DMA_WRITE ? Access.WRITE : Access.READ;
  }

  static int requester(long wordA) {
    return (int) (wordA >>> REQUESTER_SHIFT & REQUESTER_MASK);
  }

  /** The reason, -1 when none is noted. */
  static int reason(long wordA) {
    for (int reason : new int[] {IODA_ERROR, PAGE_FAULT, ACCESS_FAULT}) {
      if ((wordA >>> HIGHEST_BIT - reason & 1) != 0) {
        return reason;
      }
    }
    return -1;
  }

  static String decode(long wordA) {
    int reason = reason(wordA);
    return "%s, %s by requester 0x%x%s"
        .formatted(
            isStopped(wordA) ? "stopped" : "running",
            access(wordA) == Access.WRITE ? "DMA write" : "DMA read",
            requester(wordA),
            reason < 0 ? "" : ", " + PhbFaults.describe(reason));
  }
}
