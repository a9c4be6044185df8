package aperture.arch.arm64.smmu;

/**
 * Translation table descriptor, 8 bytes, and the arithmetic of a walk, for pages of 4, 16 and 64
 * KiB.
 *
 * <pre>
 *   table  63    62 61  60   59    58      48 47                       g g-1   2 1 0
 *         +----+-------+---+-----+-----------+---------------------------+-------+---+
 *         | NS |APTable|XN | PXN |  ignored  |       next table          |ignored|1 1|
 *         +----+-------+---+-----+-----------+---------------------------+-------+---+
 *   leaf   54  53     52   51                 47                  shift    11 10 9 8 7  6 5 4     2 1 0
 *         +---+---+------+---+-------------------------------------------+--+--+---+-----+--+-------+---+
 *         |UXN|PXN|Contig|DBM|                  output                   |nG|AF|SH | AP  |NS|AttrIdx|t 1|
 *         +---+---+------+---+-------------------------------------------+--+--+---+-----+--+-------+---+
 *   t: 0 block (levels above 3), 1 page (level 3). AP bit 7 read only, bit 6 unprivileged access.
 *   Leaves of stage 2 have S2AP there, bit 7 write, bit 6 read, and MemAttr in bits 5:2; their tables
 *   take no rights away.
 *   With 64 KiB pages and 52-bit output, bits 15:12 are address bits 51:48.
 *
 *   stride = g - 3, shift(level) = g + (3 - level) * stride, g = 12, 14 or 16
 * </pre>
 *
 * <p>Source: Arm Architecture Reference Manual for A-profile, VMSAv8-64 translation table format
 * descriptors.
 */
final class TableLayout {

  static final int LAST_LEVEL = 3;
  static final int ENTRY_BYTES = 8;
  static final int SMALLEST_TABLE = 64;

  static final int GRANULE_4K = 12;
  static final int GRANULE_16K = 14;
  static final int GRANULE_64K = 16;
  static final int WIDE_OUTPUT = 52;
  static final int NARROW_OUTPUT = 48;

  static final long VALID = Bits.bit(0);

  /** With {@link #VALID}: a table above the last level, a page on it. */
  static final long TABLE_OR_PAGE = Bits.bit(1);

  static final long TABLE = VALID | TABLE_OR_PAGE;

  private static final int SMALLEST_INPUT_FIELD_WIDE = 12;
  private static final int SMALLEST_INPUT_FIELD = 16;
  private static final int LARGEST_INPUT_FIELD = 39;
  private static final int LARGEST_INPUT_FIELD_SMALL_TABLES = 48;

  private static final long READ_ONLY = Bits.bit(7);
  private static final long UNPRIVILEGED = Bits.bit(6);
  private static final long ACCESS_FLAG = Bits.bit(10);
  private static final long NOT_GLOBAL = Bits.bit(11);
  private static final long INNER_SHAREABLE = 3L << 8;
  private static final long OUTER_SHAREABLE = 2L << 8;
  private static final long ATTRIBUTES_WRITE_BACK = 1L << 2;
  private static final long ATTRIBUTES_DEVICE = 2L << 2;
  private static final long EXECUTE_NEVER = Bits.bit(54) | Bits.bit(53);

  /** Ordinary memory for an unprivileged device. */
  static final long MEMORY =
      NOT_GLOBAL | ACCESS_FLAG | INNER_SHAREABLE | UNPRIVILEGED | ATTRIBUTES_WRITE_BACK;

  /** A doorbell. */
  static final long DEVICE =
      NOT_GLOBAL | ACCESS_FLAG | OUTER_SHAREABLE | UNPRIVILEGED | ATTRIBUTES_DEVICE | EXECUTE_NEVER;

  /** MAIR for the attribute indexes above: 0 not cached, 1 write-back, 2 device, 3 outer only. */
  static final long MEMORY_ATTRIBUTES = 0xffff_ffff_f404_ff44L;

  /** A page of stage 2 that was accessed, to read and to write. */
  private static final long STAGE_2_OPEN = ACCESS_FLAG | Bits.bit(7) | Bits.bit(6);

  /** Of a page of stage 1, what says who may do what: accessed, not global, AP. */
  private static final long RIGHTS = NOT_GLOBAL | ACCESS_FLAG | READ_ONLY | UNPRIVILEGED;

  private TableLayout() {}

  /** Leaf attributes of ordinary memory; writing implies reading. */
  static long memory(boolean writable) {
    return writable ? MEMORY : MEMORY | READ_ONLY;
  }

  static int stride(int granule) {
    return granule - 3;
  }

  static int shift(int granule, int level) {
    return granule + (LAST_LEVEL - level) * stride(granule);
  }

  /** Level of the first table for addresses of {@code inputBits}. */
  static int startLevel(int granule, int inputBits) {
    return LAST_LEVEL + 1 - (inputBits - 4) / stride(granule);
  }

  /** Bytes of the largest leaf of one granule. */
  static long largestBlock(int granule, int outputBits) {
    boolean large = isLeaf(VALID, 1, granule, outputBits);
    return 1L << shift(granule, large ? 1 : 2);
  }

  /** Bytes of the largest leaf that an SMMU can walk to. */
  static long largestBlock(long idr5) {
    int outputBits = IdentificationLayout.outputBits(idr5);
    long largest = 0;
    for (int granule = GRANULE_4K; granule <= GRANULE_64K; granule += 2) {
      if (IdentificationLayout.granule(idr5, granule)) {
        largest = Math.max(largest, largestBlock(granule, outputBits));
      }
    }
    return Math.max(largest, 1L << GRANULE_64K);
  }

  /** Bytes of a table that resolves {@code width} bits; it is aligned to them. */
  static long bytes(int width) {
    return Math.max(SMALLEST_TABLE, (long) ENTRY_BYTES << width);
  }

  /** Whether a TxSZ field is in range. */
  static boolean inputFieldValid(int field, int granule, boolean smallTables, boolean wideInput) {
    int least =
        wideInput && granule == GRANULE_64K ? SMALLEST_INPUT_FIELD_WIDE : SMALLEST_INPUT_FIELD;
    int most = smallTables ? LARGEST_INPUT_FIELD_SMALL_TABLES : LARGEST_INPUT_FIELD;
    // One bit less for the largest pages, or no table would be left to walk.
    if (smallTables && granule == GRANULE_64K) {
      most--;
    }
    return field >= least && field <= most;
  }

  static boolean valid(long descriptor) {
    return (descriptor & VALID) != 0;
  }

  /**
   * What tells a descriptor that leads on, to a table inside the output, from any other above the
   * last level: it has {@link #TABLE} of these bits.
   */
  static long telling(int outputBits) {
    return TABLE | Bits.mask(NARROW_OUTPUT) & -(1L << outputBits);
  }

  /** Whether a valid descriptor leads to a further table. */
  static boolean isTable(long descriptor, int level) {
    return level < LAST_LEVEL && (descriptor & TABLE_OR_PAGE) != 0;
  }

  /** Whether a valid descriptor that is no table is a page or a block where one can stand. */
  static boolean isLeaf(long descriptor, int level, int granule, int outputBits) {
    return level == LAST_LEVEL
        ? (descriptor & TABLE_OR_PAGE) != 0
        : level == 2 || isLargeBlock(level, granule, outputBits);
  }

  private static boolean isLargeBlock(int level, int granule, int outputBits) {
    return level == 1
        && (granule == GRANULE_4K || (granule == GRANULE_64K && outputBits == WIDE_OUTPUT));
  }

  /** Output of a leaf or next table, without the bits below {@code shift}. */
  static long address(long descriptor, int shift, int granule, int outputBits) {
    long address = Bits.inPlace(descriptor, 47, shift);
    return granule == GRANULE_64K && outputBits == WIDE_OUTPUT
        ? address | Bits.field(descriptor, 15, 12) << 48
        : address;
  }

  /** Bits of a leaf that say its output; above 48 bits as pages of 64 KiB say it. */
  static long output(long address) {
    return Bits.inPlace(address, NARROW_OUTPUT - 1, 0) | address >>> NARROW_OUTPUT << 12;
  }

  static boolean accessed(long descriptor) {
    return (descriptor & ACCESS_FLAG) != 0;
  }

  /** Whether a leaf of stage 1 is the same for every address space. */
  static boolean global(long descriptor) {
    return (descriptor & NOT_GLOBAL) == 0;
  }

  static boolean readOnly(long descriptor) {
    return (descriptor & READ_ONLY) != 0;
  }

  static boolean unprivileged(long descriptor) {
    return (descriptor & UNPRIVILEGED) != 0;
  }

  /** Whether clearing the read-only bit on the first write is left to hardware. */
  static boolean dirtyManaged(long descriptor) {
    return Bits.isSet(descriptor, 51);
  }

  /**
   * Whether a descriptor of the last level is what nearly every one of stage 1 is: a page inside
   * the output, accessed, not global, open to everybody.
   */
  static boolean isOpenPage(long descriptor, int outputBits) {
    return (descriptor & (telling(outputBits) | RIGHTS))
        == (TABLE | NOT_GLOBAL | ACCESS_FLAG | UNPRIVILEGED);
  }

  /** The same of stage 2. */
  static boolean isOpenPageOfStage2(long descriptor, int outputBits) {
    return (descriptor & (telling(outputBits) | STAGE_2_OPEN)) == (TABLE | STAGE_2_OPEN);
  }

  /** S2AP, for a leaf of stage 2. */
  static boolean stage2Readable(long descriptor) {
    return Bits.isSet(descriptor, 6);
  }

  /** S2AP, for a leaf of stage 2. */
  static boolean stage2Writable(long descriptor) {
    return Bits.isSet(descriptor, 7);
  }

  /**
   * Whether a leaf of stage 2 calls its output device memory.
   *
   * @param forced whether its attributes are those of forced write-back (S2FWB)
   */
  static boolean stage2Device(long descriptor, boolean forced) {
    return forced ? !Bits.isSet(descriptor, 4) : Bits.field(descriptor, 5, 4) == 0;
  }

  /** Whether tables take no rights away from what is below. */
  static boolean restrictsNothing(long tables) {
    return Bits.field(tables, 62, 61) == 0;
  }

  /** APTable: everything below is read only. */
  static boolean tableReadOnly(long descriptor) {
    return Bits.isSet(descriptor, 62);
  }

  /** APTable: nothing below is for unprivileged access. */
  static boolean tablePrivileged(long descriptor) {
    return Bits.isSet(descriptor, 61);
  }
}
