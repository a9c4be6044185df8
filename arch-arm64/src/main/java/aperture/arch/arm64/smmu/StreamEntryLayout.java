package aperture.arch.arm64.smmu;

/**
 * Stream table entry (STE), 64 bytes: what the SMMU does with one stream.
 *
 * <pre>
 *   0   63      59 58 52 51                                    6 5     4 3      1  0
 *      +----------+-----+---------------------------------------+-------+--------+---+
 *      | S1CDMax  |  0  |              S1ContextPtr             | S1Fmt | Config | V |
 *      +----------+-----+---------------------------------------+-------+--------+---+
 *   1  PRIVCFG 49:48 | SHCFG 45:44 | STRW 31:30 | S1STALLD 27 | S2FWB 25
 *      | S1CSH 7:6 | S1COR 5:4 | S1CIR 3:2 | S1DSS 1:0
 *   2, 3  stage 2, see {@link Stage2EntryLayout}; 4-7 zero
 * </pre>
 *
 * <p>Source: IHI 0070, section 5.2, Stream Table Entry.
 */
final class StreamEntryLayout {

  static final int LOG2_BYTES = 6;
  static final int BYTES = 1 << LOG2_BYTES;
  static final int DWORDS = BYTES / Long.BYTES;

  static final int CONFIG_ABORT = 0;
  static final int CONFIG_BYPASS = 4;
  static final int CONFIG_STAGE_1 = 5;
  static final int CONFIG_STAGE_2 = 6;
  static final int CONFIG_NESTED = 7;

  static final int CONTEXTS_LINEAR = 0;
  static final int CONTEXTS_4K_LEAVES = 1;
  static final int CONTEXTS_64K_LEAVES = 2;

  static final int NO_SUBSTREAM_BYPASSES = 1;
  static final int NO_SUBSTREAM_USES_CONTEXT_0 = 2;

  static final int STREAM_WORLD_EL2 = 2;
  static final int PRIVILEGED = 3;

  private static final long VALID = Bits.bit(0);
  private static final long SHAREABILITY_INCOMING = 1L << 44;
  private static final long WRITE_BACK = 1;
  private static final long INNER_SHAREABLE = 3;

  /** Dword 0 of an entry that lets nothing pass and says nothing about it. */
  static final long ABORT_0 = VALID;

  static final long ABORT_1 = SHAREABILITY_INCOMING;

  /** Dword 0 of an entry that lets everything pass. */
  static final long BYPASS_0 = (long) CONFIG_BYPASS << 1 | VALID;

  /** Dword 1 of an entry that lets everything pass, with the attributes that it has. */
  static final long BYPASS_1 = SHAREABILITY_INCOMING;

  /** Dword 1 of a stage-1 entry: context fetches as the kernel's other table accesses. */
  static final long STAGE_1_1 =
      NO_SUBSTREAM_USES_CONTEXT_0 | WRITE_BACK << 2 | WRITE_BACK << 4 | INNER_SHAREABLE << 6;

  /** Of dword 1, what makes stage 1 special: S1STALLD and STRW. */
  static final long UNUSUAL_1 = Bits.bit(27) | Bits.bit(30) | Bits.bit(31);

  /** Every valid entry has some of these bits in dword 0. */
  static final long ANYTHING = -1;

  private StreamEntryLayout() {}

  /** Of dword 0, what an entry with one context inside an output does not have. */
  static long manyContexts(int outputBits) {
    return ~Bits.mask(59) | Bits.inPlace(-1, 51, outputBits);
  }

  static boolean valid(long dword0) {
    return (dword0 & VALID) != 0;
  }

  static int config(long dword0) {
    return Bits.small(dword0, 3, 1);
  }

  /** Config values 0 to 3 abort. */
  static boolean aborts(long dword0) {
    return config(dword0) < CONFIG_BYPASS;
  }

  /** Layout of the context table; the reserved value acts as linear. */
  static int contextFormat(long dword0) {
    int format = Bits.small(dword0, 5, 4);
    return format > CONTEXTS_64K_LEAVES ? CONTEXTS_LINEAR : format;
  }

  static long contextPointer(long dword0) {
    return Bits.inPlace(dword0, 51, 6);
  }

  static int contextLog2(long dword0) {
    return Bits.small(dword0, 63, 59);
  }

  static int noSubstream(long dword1) {
    return Bits.small(dword1, 1, 0);
  }

  static boolean stallDisabled(long dword1) {
    return Bits.isSet(dword1, 27);
  }

  /** S2FWB: stage 2 says what is cached, whatever stage 1 says. */
  static boolean forcesWriteBack(long dword1) {
    return Bits.isSet(dword1, 25);
  }

  static int streamWorld(long dword1) {
    return Bits.small(dword1, 31, 30);
  }

  static int privilege(long dword1) {
    return Bits.small(dword1, 49, 48);
  }

  static long stage1(long contextPointer) {
    return contextPointer | (long) CONFIG_STAGE_1 << 1 | VALID;
  }
}
