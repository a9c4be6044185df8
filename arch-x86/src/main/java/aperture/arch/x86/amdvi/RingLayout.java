package aperture.arch.x86.amdvi;

/**
 * The registers of a ring in guest memory, command buffer or event log: both are alike.
 *
 * <pre>
 *   base         63 .. 60 | 59 ...... 56 | 55 .. 52 | 51 ..... 12 | 11 .. 0
 *                    0    | log2 entries |     0    |   address   |    0
 *   head, tail   63 .. 19 | 18 ...................... 4 | 3 .. 0
 *                    0    | byte offset                 |   0
 * </pre>
 *
 * <p>Entries have 16 bytes and number 256 at least. Head equal to tail means empty; one entry is
 * always left free.
 *
 * <p>Source: AMD IOMMU, rev 3.05, sections 3.4.1, Command Buffer and Event Log Base Address
 * Registers, and 3.4.13, Command and Event Log Pointer Registers.
 */
final class RingLayout {

  static final int ENTRY_SIZE = 16;
  static final int HIGH = 8;

  private static final long ADDRESS = (1L << 52) - 4096;
  private static final int LENGTH_SHIFT = 56;
  private static final int LENGTH_MASK = 0xf;
  private static final int MIN_LENGTH = 8;
  private static final long POINTER = 0x7fff0;

  private static final long BASE_WRITABLE = ADDRESS | (long) LENGTH_MASK << LENGTH_SHIFT;

  private RingLayout() {}

  /** The base register for a ring of 2^{@code log2Entries} entries. */
  static long register(long address, int log2Entries) {
    return address | (long) log2Entries << LENGTH_SHIFT;
  }

  static long writable(long register) {
    return register & BASE_WRITABLE;
  }

  /** Whether a base register has a length with a meaning. */
  static boolean valid(long register) {
    return ((int) (register >>> LENGTH_SHIFT) & LENGTH_MASK) >= MIN_LENGTH;
  }

  static long address(long register) {
    return register & ADDRESS;
  }

  /** Bytes of the ring, a power of two. */
  static long bytes(long register) {
    return (long) ENTRY_SIZE << ((int) (register >>> LENGTH_SHIFT) & LENGTH_MASK);
  }

  /** A head or tail as an offset that lies in the ring, whatever the register says. */
  static long position(long pointer, long register) {
    return pointer & POINTER & bytes(register) - 1;
  }

  static long next(long position, long register) {
    return position + ENTRY_SIZE & bytes(register) - 1;
  }

  /** Whether a value written to a head or tail register points into the ring. */
  static boolean inside(long pointer, long register) {
    return (pointer & POINTER) < bytes(register);
  }
}
