package aperture.arch.ppc.phb;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * How a translation fails. The reason is the bit that the bridge sets in word A of the PE's errors,
 * numbered as the documents count; which of them a malformed entry sets is not published, and is an
 * IODA error here.
 *
 * <p>The bridge notes an error only where software gave it a table for that, and then stops the PE.
 *
 * <p>Source: skiboot, include/phb4-regs.h, IODA3_PESTA_*.
 */
final class PhbFaults {

  private static final int NO_CODE = -1;

  private PhbFaults() {}

  static String describe(int reason) {
    return switch (reason) {
      case PestLayout.IODA_ERROR -> "IODA error";
      case PestLayout.PAGE_FAULT -> "TCE page fault";
      case PestLayout.ACCESS_FAULT -> "TCE access fault";
      default -> "reason " + reason;
    };
  }

  /** Nobody knows whose error it is. */
  static void noRtt(WalkResult result) {
    result.fault(FaultKind.BLOCKED, NO_CODE, "no requester table is enabled", false);
  }

  static void rttRead(WalkResult result) {
    result.fault(FaultKind.TABLE_READ, NO_CODE, "the requester table is not in memory", false);
  }

  static void peNumber(WalkResult result) {
    result.fault(FaultKind.MALFORMED, NO_CODE, "the bridge has no PE of that number", false);
  }

  static void stopped(WalkResult result) {
    result.fault(FaultKind.BLOCKED, NO_CODE, "the PE is stopped after an error", false);
  }

  static void message(WalkResult result, boolean noted) {
    result.fault(
        FaultKind.RESERVED, PestLayout.IODA_ERROR, "message interrupts are not translated", noted);
  }

  static void address(WalkResult result, boolean noted) {
    result.fault(
        FaultKind.ADDRESS_SIZE, PestLayout.IODA_ERROR, "neither memory nor messages", noted);
  }

  static void noTve(WalkResult result, boolean noted) {
    result.fault(FaultKind.UNMAPPED, PestLayout.IODA_ERROR, "the window is not set up", noted);
  }

  static void malformedTve(WalkResult result, boolean noted) {
    result.fault(FaultKind.MALFORMED, PestLayout.IODA_ERROR, "the TVE makes no sense", noted);
  }

  static void outsideTable(WalkResult result, boolean noted) {
    result.fault(
        FaultKind.ADDRESS_SIZE, PestLayout.IODA_ERROR, "beyond the window's tables", noted);
  }

  static void outsidePass(WalkResult result, boolean noted) {
    result.fault(
        FaultKind.ADDRESS_SIZE, PestLayout.IODA_ERROR, "outside what the window passes", noted);
  }

  static void tceRead(WalkResult result, boolean noted) {
    result.fault(
        FaultKind.TABLE_READ, PestLayout.IODA_ERROR, "the TCE table is not in memory", noted);
  }

  static void pageFault(WalkResult result, boolean noted) {
    result.fault(FaultKind.UNMAPPED, PestLayout.PAGE_FAULT, "the TCE has no rights", noted);
  }

  static void accessFault(WalkResult result, boolean noted) {
    result.fault(FaultKind.DENIED, PestLayout.ACCESS_FAULT, "the TCE lacks the right", noted);
  }
}
