package aperture.arch.ppc.tce;

/**
 * What a firmware call returns in its first result.
 *
 * <p>Sources: Linux on Power Architecture Platform Reference, version 1.1, chapter 7, Run-Time
 * Abstraction Services; Linux 6.1, arch/powerpc/include/asm/rtas.h.
 */
final class RtasStatus {

  static final int SUCCESS = 0;
  static final int HARDWARE = -1;
  static final int BUSY = -2;
  static final int PARAMETER = -3;

  private static final int LONG_BUSY_FIRST = 9900;
  private static final int LONG_BUSY_LAST = 9905;

  private RtasStatus() {}

  static String describe(int status) {
    if (status >= LONG_BUSY_FIRST && status <= LONG_BUSY_LAST) {
      return HypercallStatus.describe(status);
    }
    return switch (status) {
      case SUCCESS -> "success";
      case HARDWARE -> "hardware error";
      case BUSY -> "busy";
      case PARAMETER -> "invalid parameter";
      default -> "status " + status;
    };
  }
}
