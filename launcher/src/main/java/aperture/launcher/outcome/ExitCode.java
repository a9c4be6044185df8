package aperture.launcher.outcome;

/** What the process says to the script that called it. The numbers are a contract. */
public enum ExitCode {
  OK(0),
  /** Started, and then something went wrong. */
  FAILED(1),
  /** The caller asked for something that cannot be understood. */
  USAGE(2),
  /** Something that the request needs is not here. */
  MISSING(3),
  /** The system refuses: a lock, an address, a permission. */
  DENIED(4);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The status to exit with. */
  public int number() {
    return number;
  }
}
