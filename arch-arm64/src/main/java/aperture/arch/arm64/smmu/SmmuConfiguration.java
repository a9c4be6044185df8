package aperture.arch.arm64.smmu;

import aperture.iommu.Registers;

/**
 * The registers that decide how a transaction is treated, read together. A register that nobody
 * wrote has its value at reset.
 */
record SmmuConfiguration(
    long idr0,
    long idr1,
    long idr3,
    long idr5,
    long cr0,
    long cr2,
    long gbpa,
    long streamTableBase,
    long streamTableConfig) {

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

  boolean enabled() {
    return ControlLayout.enabled(cr0);
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
    return IdentificationLayout.outputBits(idr5);
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

  /** Stream id bits that the stream table covers. */
  int streamBits() {
    return Math.min(
        StreamTableLayout.log2Size(streamTableConfig), IdentificationLayout.streamIdBits(idr1));
  }

  boolean twoLevelStreams() {
    return IdentificationLayout.twoLevelStreams(idr0)
        && StreamTableLayout.twoLevel(streamTableConfig);
  }

  int split() {
    return StreamTableLayout.split(streamTableConfig);
  }

  /** The stream table, or its first level, aligned down to its size. */
  long streamTable() {
    int firstLevelBits = Math.max(0, streamBits() - split());
    long bytes =
        twoLevelStreams()
            ? (long) StreamTableLayout.DESCRIPTOR_BYTES << firstLevelBits
            : (long) StreamEntryLayout.BYTES << streamBits();
    long alignment = Math.max(StreamTableLayout.SMALLEST_ALIGNMENT, bytes);
    return StreamTableLayout.base(streamTableBase) & -alignment;
  }
}
