package aperture.arch.ppc.tce;

/**
 * What a hypervisor call returns in r3.
 *
 * <p>Sources: Linux on Power Architecture Platform Reference, version 1.1, chapter 14, Logical
 * Partitioning Option; Linux 6.1, arch/powerpc/include/asm/hvcall.h.
 */
final class HypercallStatus {

  static final long SUCCESS = 0;
  static final long BUSY = 1;
  static final long HARDWARE = -1;
  static final long FUNCTION = -2;
  static final long PRIVILEGE = -3;
  static final long PARAMETER = -4;
  static final long RESOURCE = -16;

  /** KVM to its user space: do it yourself. Never seen by a guest. */
  static final long TOO_HARD = 9999;

  private static final long LONG_BUSY_FIRST = 9900;
  private static final long LONG_BUSY_LAST = 9905;

  private HypercallStatus() {}

  /** Milliseconds after which a long-busy call may be tried again; 0 for any other status. */
  static long retryAfterMillis(long status) {
    if (status < LONG_BUSY_FIRST || status > LONG_BUSY_LAST) {
      return 0;
    }
    long millis = 1;
    for (long step = LONG_BUSY_FIRST; step < status; step++) {
      millis *= 10;
    }
    return millis;
  }

  /** The status in words. */
  static String describe(long status) {
    if (retryAfterMillis(status) > 0) {
      return "long busy, again in " + retryAfterMillis(status) + " ms";
    }
    if (status == SUCCESS) {
      return "success";
    }
    if (status == BUSY) {
      return "busy";
    }
    if (status == HARDWARE) {
      return "hardware error";
    }
    if (status == FUNCTION) {
      return "no such function";
    }
    if (status == PRIVILEGE) {
      return "not privileged";
    }
    if (status == PARAMETER) {
      return "invalid parameter";
    }
    if (status == RESOURCE) {
      return "resource used up";
    }
    return status == TOO_HARD ? "left to user space" : "status " + status;
  }
}
