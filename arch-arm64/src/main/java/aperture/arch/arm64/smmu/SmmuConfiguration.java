package aperture.arch.arm64.smmu;

import aperture.iommu.Registers;
import org.jspecify.annotations.Nullable;

/**
 * The registers that decide how a transaction is treated, read together, and what every walk needs
 * of them. A register that nobody wrote has its value at reset. Immutable, but for what it
 * remembers of a question whose answer depends on nothing else.
 */
final class SmmuConfiguration {

  /** Its page size is the reserved one. */
  private static final long NEVER_LEGAL = -1;

  private final long idr0;
  private final long idr1;
  private final long idr3;
  private final long idr5;
  private final long cr0;
  private final long cr2;
  private final long gbpa;
  private final long streamTableBase;
  private final long streamTableConfig;

  private final boolean enabled;
  private final int outputBits;
  private final int streamBits;
  private final boolean twoLevelStreams;
  private final int split;
  private final long streamTable;
  private final long unusualStage1;

  /** The control word that was found legal last. One word, so that any thread may write it. */
  private long legalStage2 = NEVER_LEGAL;

  /** The same of contexts, without ASID; never one that may stall, for that the stream decides. */
  private long legalContext = NEVER_LEGAL;

  private SmmuConfiguration(
      long idr0,
      long idr1,
      long idr3,
      long idr5,
      long cr0,
      long cr2,
      long gbpa,
      long streamTableBase,
      long streamTableConfig) {
    this.idr0 = idr0;
    this.idr1 = idr1;
    this.idr3 = idr3;
    this.idr5 = idr5;
    this.cr0 = cr0;
    this.cr2 = cr2;
    this.gbpa = gbpa;
    this.streamTableBase = streamTableBase;
    this.streamTableConfig = streamTableConfig;
    enabled = ControlLayout.enabled(cr0);
    outputBits = IdentificationLayout.outputBits(idr5);
    streamBits =
        Math.min(
            StreamTableLayout.log2Size(streamTableConfig), IdentificationLayout.streamIdBits(idr1));
    twoLevelStreams =
        IdentificationLayout.twoLevelStreams(idr0) && StreamTableLayout.twoLevel(streamTableConfig);
    split = StreamTableLayout.split(streamTableConfig);
    streamTable = alignedStreamTable();
    unusualStage1 = unusualStage1();
  }

  /** What is not in dword 0 of an entry of stage 1 as {@link #isUsualStage1} means it. */
  private long unusualStage1() {
    boolean can = IdentificationLayout.stage1(idr0) && !IdentificationLayout.wideDescriptors(idr5);
    return can ? StreamEntryLayout.manyContexts(outputBits) : StreamEntryLayout.ANYTHING;
  }

  static SmmuConfiguration read(Registers registers) {
    return new SmmuConfiguration(
        orReset(registers, RegisterName.IDR0, IdentificationLayout.IDR0_RESET),
        orReset(registers, RegisterName.IDR1, IdentificationLayout.IDR1_RESET),
        orReset(registers, RegisterName.IDR3, IdentificationLayout.IDR3_RESET),
        orReset(registers, RegisterName.IDR5, IdentificationLayout.IDR5_RESET),
        registers.get(RegisterName.CR0),
        registers.get(RegisterName.CR2),
        registers.get(RegisterName.GBPA),
        registers.get(RegisterName.STRTAB_BASE),
        registers.get(RegisterName.STRTAB_BASE_CFG));
  }

  /** Whether reading again would give the same. */
  boolean matches(Registers registers) {
    return cr0 == registers.get(RegisterName.CR0)
        && cr2 == registers.get(RegisterName.CR2)
        && gbpa == registers.get(RegisterName.GBPA)
        && streamTableBase == registers.get(RegisterName.STRTAB_BASE)
        && streamTableConfig == registers.get(RegisterName.STRTAB_BASE_CFG)
        && idr0 == orReset(registers, RegisterName.IDR0, IdentificationLayout.IDR0_RESET)
        && idr1 == orReset(registers, RegisterName.IDR1, IdentificationLayout.IDR1_RESET)
        && idr3 == orReset(registers, RegisterName.IDR3, IdentificationLayout.IDR3_RESET)
        && idr5 == orReset(registers, RegisterName.IDR5, IdentificationLayout.IDR5_RESET);
  }

  private static long orReset(Registers registers, String name, long reset) {
    return registers.has(name) ? registers.get(name) : reset;
  }

  long idr0() {
    return idr0;
  }

  long idr1() {
    return idr1;
  }

  long idr3() {
    return idr3;
  }

  long idr5() {
    return idr5;
  }

  long cr0() {
    return cr0;
  }

  boolean enabled() {
    return enabled;
  }

  boolean recordsEvents() {
    return ControlLayout.eventsEnabled(cr0);
  }

  boolean recordsBadStreamIds() {
    return recordsEvents() && (cr2 & ControlLayout.RECORD_BAD_STREAM_IDS) != 0;
  }

  boolean hostExtensions() {
    return (cr2 & ControlLayout.HOST_EXTENSIONS) != 0;
  }

  boolean abortsWhenDisabled() {
    return (gbpa & ControlLayout.BYPASS_ABORT) != 0;
  }

  /** Whether there are virtual machines to tell apart: VMIDs come with stage 2. */
  boolean hasMachines() {
    return IdentificationLayout.stage2(idr0);
  }

  /** Whether a command's VMID means one machine, not a group of them. */
  boolean exactMachines() {
    return !hasMachines() || !ControlLayout.groupsMachines(cr0);
  }

  int outputBits() {
    return outputBits;
  }

  /**
   * Width of a stage's output: its own limit, or the SMMU's; only pages of 64 KiB reach 52 bits.
   *
   * @param code of the stage's own limit
   */
  int outputBits(int code, int granule) {
    int bits = Math.min(IdentificationLayout.intermediateBits(code), outputBits());
    return granule == TableLayout.GRANULE_64K ? bits : Math.min(bits, TableLayout.NARROW_OUTPUT);
  }

  boolean endiannessLegal(boolean big) {
    return switch (IdentificationLayout.tableEndianness(idr0)) {
      case IdentificationLayout.ENDIAN_LITTLE -> !big;
      case IdentificationLayout.ENDIAN_BIG -> big;
      default -> true;
    };
  }

  /**
   * Whether a valid entry that asks for stage 1 has what nearly every one has: one context, in the
   * output, of an ordinary stream. Nothing is wrong with it then; others must be looked at closely.
   */
  boolean isUsualStage1(long dword0, long dword1) {
    return (dword0 & unusualStage1 | dword1 & StreamEntryLayout.UNUSUAL_1) == 0;
  }

  /**
   * Why an entry that asks for stage 2 is illegal, or null when it is not.
   *
   * @param control dword 2 of the entry
   */
  @Nullable String stage2Offence(long control) {
    if (control == legalStage2) {
      return null;
    }
    String bad = Stage2Rules.offence(this, control);
    if (bad == null) {
      legalStage2 = control;
    }
    return bad;
  }

  /**
   * Why a context is illegal, or null when it is not.
   *
   * @param stream dword 1 of the stream table entry
   */
  @Nullable String contextOffence(long stream, long dword0, long table0, long table1) {
    long shared = ContextLayout.withoutAsid(dword0);
    if (shared == legalContext && Contexts.tablesFit(this, dword0, table0, table1)) {
      return null;
    }
    String bad = Contexts.offence(this, stream, dword0, table0, table1);
    if (bad == null && !ContextLayout.stalls(dword0)) {
      legalContext = shared;
    }
    return bad;
  }

  /** Stream id bits that the stream table covers. */
  int streamBits() {
    return streamBits;
  }

  boolean twoLevelStreams() {
    return twoLevelStreams;
  }

  int split() {
    return split;
  }

  /** The stream table, or its first level, aligned down to its size. */
  long streamTable() {
    return streamTable;
  }

  private long alignedStreamTable() {
    int firstLevelBits = Math.max(0, streamBits - split);
    long bytes =
        twoLevelStreams
            ? (long) StreamTableLayout.DESCRIPTOR_BYTES << firstLevelBits
            : (long) StreamEntryLayout.BYTES << streamBits;
    long alignment = Math.max(StreamTableLayout.SMALLEST_ALIGNMENT, bytes);
    return StreamTableLayout.base(streamTableBase) & -alignment;
  }
}
