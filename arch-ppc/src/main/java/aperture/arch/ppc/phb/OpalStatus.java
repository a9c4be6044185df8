package aperture.arch.ppc.phb;

/**
 * What a call to the firmware (OPAL) returns.
 *
 * <p>Source: skiboot, include/opal-api.h, OPAL_SUCCESS and following.
 */
final class OpalStatus {

  static final int SUCCESS = 0;
  static final int PARAMETER = -1;
  static final int BUSY = -2;
  static final int HARDWARE = -6;
  static final int UNSUPPORTED = -7;
  static final int FROZEN = -13;

  private OpalStatus() {}

  static String describe(int status) {
    return switch (status) {
      case SUCCESS -> "success";
      case PARAMETER -> "invalid parameter";
      case BUSY -> "busy";
      case HARDWARE -> "hardware error";
      case UNSUPPORTED -> "unsupported";
      case FROZEN -> "frozen";
      default -> "status " + status;
    };
  }
}
