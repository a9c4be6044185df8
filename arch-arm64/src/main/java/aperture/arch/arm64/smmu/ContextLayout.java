package aperture.arch.arm64.smmu;

/**
 * Context descriptor (CD), 64 bytes: one stage-1 address space, with one table for each half.
 *
 * <pre>
 *   0   63     48 47   46 45 44 43 42  41   40   39   38   37    36  35   34 32
 *      +---------+----+--+--+--+--+--+----+---+----+----+------+---+----+------+
 *      |  ASID   |ASET| A| R| S|HA|HD|AA64|PAN|TBI1|TBI0| UWXN |WXN|AFFD| IPS  |
 *      +---------+----+--+--+--+--+--+----+---+----+----+------+---+----+------+
 *       31  30   29 28 27 26 25 24 23 22 21   16 15   14   13 12 11 10 9  8 7  6 5    0
 *      +--+----+-----+-----+-----+-----+-------+----+----+-----+-----+----+----+------+
 *      | V|EPD1| SH1 | OR1 | IR1 | TG1 | T1SZ  |ENDI|EPD0| SH0 | OR0 |IR0 |TG0 | T0SZ |
 *      +--+----+-----+-----+-----+-----+-------+----+----+-----+-----+----+----+------+
 *   1  TTB0 51:4 | HAD0 1        2  TTB1 51:4 | HAD1 1
 *   3  MAIR    4  AMAIR    5-7 zero
 *
 *   first-level context descriptor, 8 bytes:  L2Ptr 51:12 | V 0
 * </pre>
 *
 * <p>TG0: 0 is 4 KiB, 1 is 64 KiB, 2 is 16 KiB. TG1: 1 is 16 KiB, 2 is 4 KiB, 3 is 64 KiB.
 *
 * <p>Sources: IHI 0070, section 5.3, Level 1 Context Descriptor; section 5.4, Context Descriptor.
 */
final class ContextLayout {

  static final int BYTES = 64;
  static final int FIRST_LEVEL_BYTES = 8;
  static final int TABLE_0 = 8;
  static final int TABLE_1 = 16;
  static final int MEMORY_ATTRIBUTES = 24;

  /** What a reserved granule code means: no granule. */
  static final int NO_GRANULE = 0;

  private static final int[] GRANULE_0 = {12, 16, 14, NO_GRANULE};
  private static final int[] GRANULE_1 = {NO_GRANULE, 14, 12, 16};

  private static final long VALID = Bits.bit(31);
  private static final long TABLE_1_DISABLED = Bits.bit(30);
  private static final long AARCH64 = Bits.bit(41);
  private static final long RECORD = Bits.bit(45);
  private static final long ABORT = Bits.bit(46);
  private static final long ASID_NOT_SHARED = Bits.bit(47);
  private static final long WALKS_WRITE_BACK_INNER_SHAREABLE = 1L << 8 | 1L << 10 | 3L << 12;

  private ContextLayout() {}

  static boolean firstLevelValid(long descriptor) {
    return Bits.isSet(descriptor, 0);
  }

  static long secondLevel(long descriptor) {
    return Bits.inPlace(descriptor, 51, 12);
  }

  static boolean valid(long dword0) {
    return (dword0 & VALID) != 0;
  }

  static boolean aarch64(long dword0) {
    return (dword0 & AARCH64) != 0;
  }

  static boolean aborts(long dword0) {
    return (dword0 & ABORT) != 0;
  }

  static boolean records(long dword0) {
    return (dword0 & RECORD) != 0;
  }

  static boolean stalls(long dword0) {
    return Bits.isSet(dword0, 44);
  }

  static boolean updatesAccessFlag(long dword0) {
    return Bits.isSet(dword0, 43);
  }

  static boolean updatesDirtyState(long dword0) {
    return Bits.isSet(dword0, 42);
  }

  static boolean bigEndian(long dword0) {
    return Bits.isSet(dword0, 15);
  }

  static boolean noPrivilegedAccess(long dword0) {
    return Bits.isSet(dword0, 40);
  }

  static boolean accessFlagIgnored(long dword0) {
    return Bits.isSet(dword0, 35);
  }

  static int intermediateSize(long dword0) {
    return Bits.small(dword0, 34, 32);
  }

  static int asid(long dword0) {
    return Bits.small(dword0, 63, 48);
  }

  /** All of dword 0 but whose address space it is. */
  static long withoutAsid(long dword0) {
    return Bits.field(dword0, 47, 0);
  }

  /** T0SZ or T1SZ. */
  static int inputSize(long dword0, boolean high) {
    return high ? Bits.small(dword0, 21, 16) : Bits.small(dword0, 5, 0);
  }

  /** Log2 of the page size of one half, or {@link #NO_GRANULE}. */
  static int granule(long dword0, boolean high) {
    return high ? GRANULE_1[Bits.small(dword0, 23, 22)] : GRANULE_0[Bits.small(dword0, 7, 6)];
  }

  static boolean disabled(long dword0, boolean high) {
    return Bits.isSet(dword0, high ? 30 : 14);
  }

  /** Whether bits 63:56 of an address are a tag. */
  static boolean tagged(long dword0, boolean high) {
    return Bits.isSet(dword0, high ? 39 : 38);
  }

  static long table(long tableWord) {
    return Bits.inPlace(tableWord, 51, 4);
  }

  static boolean hierarchicalDisabled(long tableWord) {
    return Bits.isSet(tableWord, 1);
  }

  /**
   * Dword 0 of what a kernel builds: one table for the low half, faults abort and are recorded.
   *
   * @param pageShift log2 of the page size
   * @param inputBits width of IOVAs
   * @param intermediateSize code of the output width
   */
  static long lowHalf(int pageShift, int inputBits, int intermediateSize, int asid) {
    return (long) asid << 48
        | ASID_NOT_SHARED
        | ABORT
        | RECORD
        | AARCH64
        | (long) intermediateSize << 32
        | VALID
        | TABLE_1_DISABLED
        | WALKS_WRITE_BACK_INNER_SHAREABLE
        | granuleCode(pageShift) << 6
        | Long.SIZE - inputBits;
  }

  /** TG0 of a page size. */
  private static long granuleCode(int pageShift) {
    long code = 0;
    while (GRANULE_0[(int) code] != pageShift) {
      code++;
    }
    return code;
  }
}
