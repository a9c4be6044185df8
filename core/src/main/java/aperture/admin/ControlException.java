package aperture.admin;

/** A control call that was refused or failed; the message is one line that names what is wrong. */
public final class ControlException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What sort of trouble; the exit code of the command line. */
  public enum Kind {
    FAILED(1),
    USAGE(2),
    CAPABILITY_MISSING(3),
    NOT_PERMITTED(4);

    private final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  public ControlException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ControlException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public static ControlException usage(String message) {
    return new ControlException(Kind.USAGE, message);
  }

  public static ControlException failed(String message) {
    return new ControlException(Kind.FAILED, message);
  }

  public Kind kind() {
    return kind;
  }

  /** Exit code of a batch that ends with this exception. */
  public int exitCode() {
    return kind.exitCode();
  }
}
