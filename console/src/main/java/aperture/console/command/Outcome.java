package aperture.console.command;

/**
 * A result that is shown although the command failed.
 *
 * @param result what to show
 * @param failure one line; empty when all is well
 */
public record Outcome(Object result, String failure) {

  static Outcome of(Object value) {
    return value instanceof Outcome outcome ? outcome : new Outcome(value, "");
  }
}
