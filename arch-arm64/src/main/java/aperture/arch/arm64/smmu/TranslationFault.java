package aperture.arch.arm64.smmu;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * The faults of a table walk. A context says whether they are recorded (CD.R), except {@link
 * #UNREADABLE}, which always is.
 *
 * <p>Source: IHI 0070, section 7.3, Event records; section 5.5, Fault configuration.
 */
enum TranslationFault {
  UNREADABLE(
      FaultKind.TABLE_READ,
      SmmuV3Faults.F_WALK_EABT,
      "F_WALK_EABT: the descriptor is not in memory"),
  NO_TABLE(
      FaultKind.UNMAPPED,
      SmmuV3Faults.F_TRANSLATION,
      "F_TRANSLATION: the context has no table for this half"),
  OUTSIDE(
      FaultKind.ADDRESS_SIZE,
      SmmuV3Faults.F_TRANSLATION,
      "F_TRANSLATION: the address is outside both halves"),
  NOT_VALID(
      FaultKind.UNMAPPED, SmmuV3Faults.F_TRANSLATION, "F_TRANSLATION: the descriptor is not valid"),
  NO_BLOCK_HERE(
      FaultKind.MALFORMED,
      SmmuV3Faults.F_TRANSLATION,
      "F_TRANSLATION: no block can stand at this level"),
  OUTPUT_SIZE(
      FaultKind.ADDRESS_SIZE,
      SmmuV3Faults.F_ADDR_SIZE,
      "F_ADDR_SIZE: the descriptor's address is wider than the output"),
  NOT_ACCESSED(FaultKind.DENIED, SmmuV3Faults.F_ACCESS, "F_ACCESS: the access flag is clear"),
  NOT_ALLOWED(
      FaultKind.DENIED,
      SmmuV3Faults.F_PERMISSION,
      "F_PERMISSION: the descriptor does not allow the access");

  private final FaultKind kind;
  private final int number;
  private final String text;

  TranslationFault(FaultKind kind, int number, String text) {
    this.kind = kind;
    this.number = number;
    this.text = text;
  }

  /**
   * Ends a walk.
   *
   * @param context dword 0 of the context
   */
  void end(SmmuConfiguration c, long context, WalkResult result) {
    boolean wanted = this == UNREADABLE || ContextLayout.records(context);
    result.fault(kind, number, text, wanted && c.recordsEvents());
  }
}
