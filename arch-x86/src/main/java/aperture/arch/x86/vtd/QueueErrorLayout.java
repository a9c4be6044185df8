package aperture.arch.x86.vtd;

/**
 * The invalidation queue error record: why the queue stopped.
 *
 * <pre>
 *   63 .. 48 ICESID | 47 .. 32 ITESID | 31 .. 4 | 3 .. 0 IQEI
 * </pre>
 *
 * <p>ITESID is the device that did not answer.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4.9, Invalidation Queue Interface.
 */
final class QueueErrorLayout {

  static final int TAIL = 1;
  static final int FETCH = 2;
  static final int TYPE = 3;
  static final int RESERVED = 4;

  private static final long CAUSE = 0xf;
  private static final int SOURCE_SHIFT = 32;
  private static final long SOURCE = 0xffffL << SOURCE_SHIFT;

  private QueueErrorLayout() {}

  static long withCause(long value, int cause) {
    return value & ~CAUSE | cause;
  }

  static long withSilentDevice(long value, int sourceId) {
    return value & ~SOURCE | (long) sourceId << SOURCE_SHIFT;
  }
}
