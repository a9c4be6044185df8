package aperture.arch.arm64.smmu;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;
import org.jspecify.annotations.Nullable;

/**
 * The faults of a table walk. The context or, for stage 2, the stream table entry says whether they
 * are recorded (CD.R, STE.S2R), except {@link #UNREADABLE}, which always is.
 *
 * <p>Source: IHI 0070, section 7.3, Event records; section 5.5, Fault configuration.
 */
enum TranslationFault {
  UNREADABLE(
      FaultKind.TABLE_READ,
      SmmuV3Faults.F_WALK_EABT,
      "F_WALK_EABT: the descriptor is not in memory",
      "F_WALK_EABT: the stage-2 descriptor is not in memory"),
  NO_TABLE(
      FaultKind.UNMAPPED,
      SmmuV3Faults.F_TRANSLATION,
      "F_TRANSLATION: the context has no table for this half",
      ""),
  OUTSIDE(
      FaultKind.ADDRESS_SIZE,
      SmmuV3Faults.F_TRANSLATION,
      "F_TRANSLATION: the address is outside both halves",
      "F_TRANSLATION: the intermediate address is wider than stage 2's input"),
  NOT_VALID(
      FaultKind.UNMAPPED,
      SmmuV3Faults.F_TRANSLATION,
      "F_TRANSLATION: the descriptor is not valid",
      "F_TRANSLATION: the stage-2 descriptor is not valid"),
  NO_BLOCK_HERE(
      FaultKind.MALFORMED,
      SmmuV3Faults.F_TRANSLATION,
      "F_TRANSLATION: no block can stand at this level",
      "F_TRANSLATION: no block can stand at this level of stage 2"),
  OUTPUT_SIZE(
      FaultKind.ADDRESS_SIZE,
      SmmuV3Faults.F_ADDR_SIZE,
      "F_ADDR_SIZE: the descriptor's address is wider than the output",
      "F_ADDR_SIZE: the stage-2 descriptor's address is wider than the output"),
  NOT_ACCESSED(
      FaultKind.DENIED,
      SmmuV3Faults.F_ACCESS,
      "F_ACCESS: the access flag is clear",
      "F_ACCESS: the access flag of stage 2 is clear"),
  NOT_ALLOWED(
      FaultKind.DENIED,
      SmmuV3Faults.F_PERMISSION,
      "F_PERMISSION: the descriptor does not allow the access",
      "F_PERMISSION: the stage-2 descriptor does not allow the access");

  private final FaultKind kind;
  private final int number;
  private final String text;
  private final String stage2Text;

  TranslationFault(FaultKind kind, int number, String text, String stage2Text) {
    this.kind = kind;
    this.number = number;
    this.text = text;
    this.stage2Text = stage2Text;
  }

  /**
   * What is wrong with a descriptor of either stage before its rights are looked at, or null.
   *
   * @param address that the descriptor leads to
   */
  static @Nullable TranslationFault ofDescriptor(
      long descriptor, int level, int granule, int outputBits, long address) {
    if (!TableLayout.valid(descriptor)) {
      return NOT_VALID;
    }
    if (!TableLayout.isTable(descriptor, level)
        && !TableLayout.isLeaf(descriptor, level, granule, outputBits)) {
      return NO_BLOCK_HERE;
    }
    return address >>> outputBits != 0 ? OUTPUT_SIZE : null;
  }

  /**
   * Ends a walk of stage 1.
   *
   * @param context dword 0 of the context
   */
  void end(SmmuConfiguration c, long context, WalkResult result) {
    end(c, ContextLayout.records(context), text, result);
  }

  /**
   * Ends a walk of stage 2.
   *
   * @param control dword 2 of the stream table entry
   */
  void endStage2(SmmuConfiguration c, long control, WalkResult result) {
    end(c, Stage2EntryLayout.records(control), stage2Text, result);
  }

  private void end(SmmuConfiguration c, boolean asked, String words, WalkResult result) {
    result.fault(kind, number, words, (asked || this == UNREADABLE) && c.recordsEvents());
  }
}
