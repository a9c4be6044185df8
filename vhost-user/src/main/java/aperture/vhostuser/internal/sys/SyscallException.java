package aperture.vhostuser.internal.sys;

import java.io.IOException;

/**
 * The system refused a call. The message names the call, what it was about, and the system's own
 * reason.
 */
public final class SyscallException extends IOException {

  /** The product's exit code for "refused by the system". */
  private static final int REFUSED = 4;

  private static final int FAILED = 1;

  private static final long serialVersionUID = 1L;

  private final int errno;

  SyscallException(String call, int errno) {
    super(call + ": " + FileCalls.strerror(errno));
    this.errno = errno;
  }

  /** The system's number of the reason. */
  public int errno() {
    return errno;
  }

  /** What the process ends with when this is why it ends. */
  public int exitCode() {
    return switch (errno) {
      case Errno.EPERM, Errno.EACCES, Errno.EADDRINUSE -> REFUSED;
      default -> FAILED;
    };
  }

  /** The result of a call, or its failure as an exception. */
  static int check(String call, int outcome) throws SyscallException {
    if (outcome < 0) {
      throw new SyscallException(call, -outcome);
    }
    return outcome;
  }

  static long check(String call, long outcome) throws SyscallException {
    if (outcome < 0) {
      throw new SyscallException(call, (int) -outcome);
    }
    return outcome;
  }
}
