package aperture.arch.sparc.sun4v;

/**
 * What a hypervisor call returns in %o0.
 *
 * <p>Source: Linux 6.1, arch/sparc/include/asm/hypervisor.h, HV_EOK and following.
 */
final class HvStatus {

  static final long OK = 0;
  static final long NO_REAL_ADDRESS = 2;
  static final long INVALID = 6;
  static final long BAD_TRAP = 7;
  static final long BAD_ALIGNMENT = 8;
  static final long NOT_SUPPORTED = 13;
  static final long NO_MAP = 14;
  static final long TOO_MANY = 15;
  static final long BUSY = 17;

  private HvStatus() {}

  static String describe(long status) {
    return switch ((int) status) {
      case 0 -> "success";
      case 2 -> "no such real address";
      case 6 -> "invalid argument";
      case 7 -> "no such call";
      case 8 -> "bad alignment";
      case 9 -> "would block";
      case 10 -> "no access";
      case 11 -> "I/O error";
      case 13 -> "not supported";
      case 14 -> "no mapping";
      case 15 -> "too many";
      case 17 -> "busy";
      default -> "status " + status;
    };
  }
}
