package aperture.arch.arm64.smmu;

/**
 * What an SMMU may offer and this one does not model: a walk that needs it ends as illegal with one
 * of these texts, and state that needs it is refused.
 */
final class Unmodelled {

  static final String HYPERVISOR_STREAM =
      "the EL2 stream world without host extensions (STE.STRW) is not modelled";
  static final String WIDE_DESCRIPTORS =
      "52-bit descriptors of 4 and 16 KiB pages (IDR5.DS) are not modelled";
  static final String SHORT_STAGE_1 = "the 32-bit table format (CD.AA64=0) is not modelled";
  static final String SHORT_STAGE_2 = "the 32-bit table format (STE.S2AA64=0) is not modelled";

  private Unmodelled() {}

  /** Whether a fault's text is one of these. */
  static boolean is(String text) {
    return switch (text) {
      case HYPERVISOR_STREAM, WIDE_DESCRIPTORS, SHORT_STAGE_1, SHORT_STAGE_2 -> true;
      default -> false;
    };
  }
}
