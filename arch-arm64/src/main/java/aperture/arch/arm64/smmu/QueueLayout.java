package aperture.arch.arm64.smmu;

/**
 * The circular queues in memory: base register and the two indexes, each with a wrap bit above the
 * index so that full and empty differ.
 *
 * <pre>
 *   BASE   RA or WA 62 | ADDR 51:5 | LOG2SIZE 4:0
 *   PROD   OVFLG 31 | wrap LOG2SIZE | index LOG2SIZE-1:0
 *   CONS   OVACKFLG 31, or ERR 30:24 | wrap LOG2SIZE | index LOG2SIZE-1:0
 *
 *   empty: index and wrap equal     full: index equal, wrap differs
 * </pre>
 *
 * <p>Source: IHI 0070, section 3.5, Command and Event queues.
 */
final class QueueLayout {

  static final int LARGEST_LOG2 = 19;
  static final long ALLOCATE_HINT = Bits.bit(62);
  static final long OVERFLOW = Bits.bit(31);

  private static final int SMALLEST_ALIGNMENT = 32;
  private static final int ERROR_SHIFT = 24;

  private QueueLayout() {}

  static int log2Size(long base, int supported) {
    return Math.min(Bits.small(base, 4, 0), Math.min(supported, LARGEST_LOG2));
  }

  /** Address of the first entry, aligned down to the size of the queue. */
  static long address(long base, int log2Size, int entryBytes) {
    long bytes = Math.max(SMALLEST_ALIGNMENT, (long) entryBytes << log2Size);
    return Bits.inPlace(base, 51, 5) & -bytes;
  }

  static long base(long address, int log2Size) {
    return address | ALLOCATE_HINT | log2Size;
  }

  /** Index and wrap bit, without flags. */
  static long position(long register, int log2Size) {
    return register & Bits.mask(log2Size + 1);
  }

  static long index(long position, int log2Size) {
    return position & Bits.mask(log2Size);
  }

  static long next(long position, int log2Size) {
    return position + 1 & Bits.mask(log2Size + 1);
  }

  static boolean full(long producer, long consumer, int log2Size) {
    return (producer ^ consumer) == Bits.bit(log2Size);
  }

  /** Entries between consumer and producer, at most a queue full of them. */
  static long used(long producer, long consumer, int log2Size) {
    return Math.min(producer - consumer & Bits.mask(log2Size + 1), Bits.bit(log2Size));
  }

  static long withError(long consumer, int error) {
    return consumer | (long) error << ERROR_SHIFT;
  }

  static int error(long consumer) {
    return Bits.small(consumer, 30, ERROR_SHIFT);
  }
}
