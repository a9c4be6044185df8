package aperture.launcher.outcome;

/**
 * An outcome that is already explained: one line for a human and a code for a script.
 *
 * <p>It needs no stack trace, because the message is the whole story; {@link #toString} is that
 * message, because the interactive shell prints exceptions that way.
 */
public final class Failure extends RuntimeException {
  private final transient ExitCode code;

  /** Explains itself to a human and, by the code, to a script. */
  public Failure(ExitCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /**
   * The exit code to end a batch with.
   *
   * <p>Public, and found by reflection: exceptions of bundles carry their code the same way,
   * although they cannot share a class with the launcher.
   */
  public int exitCode() {
    return code.number();
  }

  @Override
  @SuppressWarnings("OverrideThrowableToString") // the shell prints toString(), type and all
  public String toString() {
    return String.valueOf(getMessage());
  }
}
