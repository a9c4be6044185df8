package aperture.arch.arm64.smmu;

import aperture.iommu.Permission;
import org.jspecify.annotations.Nullable;

/**
 * What makes the stage-2 half of a stream table entry illegal, and what its fields mean for this
 * SMMU.
 *
 * <p>Sources: IHI 0070, section 5.2.2, Validity of STE; section 3.4, Address sizes; Arm
 * Architecture Reference Manual for A-profile, VMSAv8-64, concatenated translation tables.
 */
final class Stage2Rules {

  /** Up to sixteen tables side by side at the first level. */
  private static final int CONCATENATED_BITS = 4;

  /** Width of physical addresses from which on the longest walks are there. */
  private static final int LONG_WALK_OUTPUT = 44;

  private static final int LONG_WALK_OUTPUT_16K = 42;

  private Stage2Rules() {}

  /**
   * Why an entry that asks for stage 2 is illegal, or null when it is not.
   *
   * @param control dword 2 of the entry
   */
  static @Nullable String offence(SmmuConfiguration c, long control) {
    if (!IdentificationLayout.stage2(c.idr0())) {
      return "C_BAD_STE: this SMMU has no stage 2";
    }
    if (!Stage2EntryLayout.aarch64(control)) {
      return IdentificationLayout.aarch32(c.idr0())
          ? Unmodelled.SHORT_STAGE_2
          : "C_BAD_STE: this SMMU has no 32-bit table format";
    }
    if (!IdentificationLayout.aarch64(c.idr0())) {
      return "C_BAD_STE: this SMMU has no 64-bit table format";
    }
    if (IdentificationLayout.wideDescriptors(c.idr5())) {
      return Unmodelled.WIDE_DESCRIPTORS;
    }
    if (!stallLegal(c, control)) {
      return "C_BAD_STE: S2S does not fit the stall model";
    }
    if (Stage2EntryLayout.updatesAccessFlag(control)
        && !IdentificationLayout.updatesAccessFlag(c.idr0())) {
      return "C_BAD_STE: this SMMU does not update access flags";
    }
    if (Stage2EntryLayout.updatesDirtyState(control)
        && !IdentificationLayout.updatesDirtyState(c.idr0())) {
      return "C_BAD_STE: this SMMU does not update dirty state";
    }
    if (!c.endiannessLegal(Stage2EntryLayout.bigEndian(control))) {
      return "C_BAD_STE: stage-2 tables of this byte order are not supported";
    }
    int granule = Stage2EntryLayout.granule(control);
    if (granule == ContextLayout.NO_GRANULE || !IdentificationLayout.granule(c.idr5(), granule)) {
      return "C_BAD_STE: stage-2 pages of this size are not supported";
    }
    if (!inputLegal(c, control, granule)) {
      return "C_BAD_STE: the stage-2 input size is out of range";
    }
    return startLegal(c, control, granule)
        ? null
        : "C_BAD_STE: the stage-2 start level does not fit the input size";
  }

  /** Why the table of an entry that is legal so far is not, or null when it is. */
  static @Nullable String tableOffence(SmmuConfiguration c, long control, long table) {
    return table >>> outputBits(c, control) != 0
        ? "C_BAD_STE: the stage-2 table is wider than the output"
        : null;
  }

  private static boolean stallLegal(SmmuConfiguration c, long control) {
    return switch (IdentificationLayout.stallModel(c.idr0())) {
      case IdentificationLayout.STALL_NOT_SUPPORTED -> !Stage2EntryLayout.stalls(control);
      case IdentificationLayout.STALL_FORCED -> Stage2EntryLayout.stalls(control);
      default -> true;
    };
  }

  /** Intermediate addresses are as wide as physical ones, never wider. */
  private static boolean inputLegal(SmmuConfiguration c, long control, int granule) {
    int field = Stage2EntryLayout.inputSize(control);
    boolean wide = c.outputBits() == TableLayout.WIDE_OUTPUT;
    return Long.SIZE - field <= c.outputBits()
        && TableLayout.inputFieldValid(
            field, granule, IdentificationLayout.smallTables(c.idr3()), wide);
  }

  private static boolean startLegal(SmmuConfiguration c, long control, int granule) {
    int start = Stage2EntryLayout.start(control);
    boolean small = granule == TableLayout.GRANULE_4K;
    if (start == Stage2EntryLayout.RESERVED_START
        && !(small && IdentificationLayout.smallTables(c.idr3()))) {
      return false;
    }
    int needed = granule == TableLayout.GRANULE_16K ? LONG_WALK_OUTPUT_16K : LONG_WALK_OUTPUT;
    if (start == Stage2EntryLayout.RESERVED_START - 1 && c.outputBits() < needed) {
      return false;
    }
    int width = topWidth(control, granule);
    return width >= 1 && width <= TableLayout.stride(granule) + CONCATENATED_BITS;
  }

  /** Bits that the first table resolves, concatenated ones included. */
  static int topWidth(long control, int granule) {
    int inputBits = Long.SIZE - Stage2EntryLayout.inputSize(control);
    return inputBits - TableLayout.shift(granule, Stage2EntryLayout.startLevel(control));
  }

  /** Width of stage 2's output: its own limit, or the SMMU's. */
  static int outputBits(SmmuConfiguration c, long control) {
    return c.outputBits(Stage2EntryLayout.outputSize(control), Stage2EntryLayout.granule(control));
  }

  /** Whether a clear access flag is no fault; where hardware would set it, nothing is written. */
  static boolean ignoresAccessFlag(long control) {
    return Stage2EntryLayout.accessFlagIgnored(control)
        || Stage2EntryLayout.updatesAccessFlag(control);
  }

  /** What a leaf allows; unlike stage 1 it can allow writing alone. */
  static Permission permission(long control, long leaf) {
    // Where hardware manages dirty state, the first write would make the leaf writable.
    boolean writable =
        TableLayout.stage2Writable(leaf)
            || (Stage2EntryLayout.updatesDirtyState(control) && TableLayout.dirtyManaged(leaf));
    return Permission.of(TableLayout.stage2Readable(leaf), writable);
  }

  /**
   * Whether a leaf must not hold stage-1 structures.
   *
   * @param stream dword 1 of the entry
   */
  static boolean closedToWalks(SmmuConfiguration c, long stream, long control, long leaf) {
    boolean forced =
        StreamEntryLayout.forcesWriteBack(stream) && IdentificationLayout.forcesWriteBack(c.idr3());
    return Stage2EntryLayout.protectsWalks(control) && TableLayout.stage2Device(leaf, forced);
  }
}
