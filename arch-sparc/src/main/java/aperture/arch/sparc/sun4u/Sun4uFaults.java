package aperture.arch.sparc.sun4u;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * How a translation fails: the status in XLTESTAT. The device sees a target abort.
 *
 * <p>Source: Linux 6.1, arch/sparc/kernel/psycho_common.c, psycho_check_iommu_error.
 */
final class Sun4uFaults {

  /** A write to a page that is not writable. */
  static final int PROTECTION = 0;

  /** The entry is not valid. */
  static final int INVALID = 1;

  /** The TSB did not answer. */
  static final int TIMEOUT = 2;

  /** The TSB answered with an uncorrectable error; nothing here causes it. */
  static final int ECC = 3;

  private static final int NO_CODE = -1;

  private Sun4uFaults() {}

  static String describe(int status) {
    return switch (status) {
      case PROTECTION -> "protection error";
      case INVALID -> "invalid entry";
      case TIMEOUT -> "timeout";
      case ECC -> "uncorrectable ECC error";
      default -> "status " + status;
    };
  }

  static void protection(WalkResult result) {
    result.fault(FaultKind.DENIED, PROTECTION, "protection error: the page is read-only", true);
  }

  static void invalid(WalkResult result) {
    result.fault(FaultKind.UNMAPPED, INVALID, "invalid entry", true);
  }

  static void timeout(WalkResult result) {
    result.fault(FaultKind.TABLE_READ, TIMEOUT, "timeout: the TSB is not in memory", true);
  }

  static void undefinedSize(WalkResult result) {
    result.fault(FaultKind.MALFORMED, INVALID, "no 64 KiB index for a TSB of this size", true);
  }

  /** The bridge does not answer: the device sees a master abort, the IOMMU nothing. */
  static void unanswered(WalkResult result) {
    result.fault(FaultKind.ADDRESS_SIZE, NO_CODE, "beyond 32 bits, and no bypass address", false);
  }
}
