package aperture.console.command;

import aperture.admin.ControlException;

/**
 * A result that is shown although the command failed.
 *
 * @param result what to show
 * @param failure one line; empty when all is well
 * @param kind what sort of failure
 */
public record Outcome(Object result, String failure, ControlException.Kind kind) {

  /** A failure of the plain sort, or none. */
  public Outcome(Object result, String failure) {
    this(result, failure, ControlException.Kind.FAILED);
  }

  static Outcome of(Object value) {
    return value instanceof Outcome outcome ? outcome : new Outcome(value, "");
  }
}
