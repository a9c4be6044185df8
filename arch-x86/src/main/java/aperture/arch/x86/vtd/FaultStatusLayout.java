package aperture.arch.x86.vtd;

/**
 * Fault status and fault event control, and their twins for the completion of an invalidation wait.
 *
 * <pre>
 *   FSTS    31..16 | 15 .. 8 FRI | 7 PRO | 6 ITE | 5 ICE | 4 IQE | 3..2 | 1 PPF | 0 PFO
 *   FECTL   31 IM  | 30 IP       | 29 .. 0
 *   ICS     31..1  | 0 IWC
 *   IECTL   31 IM  | 30 IP       | 29 .. 0
 * </pre>
 *
 * <p>PFO, IQE, ICE, ITE and IWC are cleared by writing 1; PPF is the OR of all F bits.
 *
 * <p>Source: Intel VT-d, rev 5.10, sections 11.4.7.1, Fault Status Register, 11.4.7.2, Fault Event
 * Control Register, and 11.4.9, Invalidation Queue Interface.
 */
final class FaultStatusLayout {

  static final long OVERFLOW = 1;
  static final long PENDING = 1 << 1;
  static final long QUEUE_ERROR = 1 << 4;

  /** A device answered an invalidation of its TLB as it must not. No device here does. */
  static final long COMPLETION_ERROR = 1 << 5;

  /** A device did not answer an invalidation of its TLB. */
  static final long TIME_OUT = 1 << 6;

  static final long WRITE_ONE_TO_CLEAR = OVERFLOW | QUEUE_ERROR | COMPLETION_ERROR | TIME_OUT;

  /** What raises the fault event when none of it was set before. */
  static final long EVENT_CAUSES = WRITE_ONE_TO_CLEAR | PENDING;

  static final long EVENT_MASKED = 1L << 31;
  static final long EVENT_PENDING = 1L << 30;
  static final long WAIT_COMPLETE = 1;

  /** Writable bits of the fault event's message: 16 bits of data, a 4-byte aligned address. */
  static final long EVENT_DATA = 0xffff;

  static final long EVENT_ADDRESS = 0xffff_fffcL;

  private static final int INDEX_SHIFT = 8;
  private static final long INDEX_MASK = 0xff;

  private FaultStatusLayout() {}

  /** Index of the oldest pending fault recording register. */
  static int firstRecord(long fsts) {
    return (int) (fsts >>> INDEX_SHIFT & INDEX_MASK);
  }

  static long withFirstRecord(long fsts, int index) {
    return fsts & ~(INDEX_MASK << INDEX_SHIFT) | (long) index << INDEX_SHIFT;
  }
}
