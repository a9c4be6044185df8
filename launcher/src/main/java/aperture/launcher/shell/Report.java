package aperture.launcher.shell;

import java.io.PrintStream;
import java.util.function.BooleanSupplier;

/**
 * Says what went wrong, on one line.
 *
 * @param err where to
 * @param ending whether everything is being stopped, which is no command's failure
 * @param traces whether a stack trace follows, for whoever debugs
 */
record Report(PrintStream err, BooleanSupplier ending, boolean traces) {
  /** Prints a failure; returns the status either way. */
  int print(Verdict verdict) {
    if (ending.getAsBoolean()) {
      return verdict.status();
    }
    if (!verdict.message().isEmpty()) {
      err.println("error: " + verdict.message());
    }
    Throwable cause = verdict.cause();
    if (traces && cause != null && cause.getStackTrace().length > 0) {
      cause.printStackTrace(err);
    }
    return verdict.status();
  }
}
