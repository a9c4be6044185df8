package aperture.console.command;

import aperture.admin.ControlException;

/**
 * A command's failure: one line for people and an exit code for scripts. {@link #toString} is the
 * line alone, because shells print exceptions that way.
 */
public final class CommandFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  CommandFailure(String message, int exitCode, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public static CommandFailure of(ControlException e) {
    return new CommandFailure(line(e.line()), e.exitCode(), e);
  }

  /** Whatever a bundle says becomes one line that cannot steer the terminal. */
  private static String line(String message) {
    return message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
  }

  /** Exit code of a batch that ends with this; found by reflection, hence public. */
  public int exitCode() {
    return exitCode;
  }

  @Override
  @SuppressWarnings("OverrideThrowableToString") // shells print toString(), type and all
  public String toString() {
    return String.valueOf(getMessage());
  }
}
