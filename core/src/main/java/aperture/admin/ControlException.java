package aperture.admin;

import aperture.access.AccessConfigurationException;
import aperture.access.ConfigurationError;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A control call that was refused or failed; the message is one line that names what is wrong. */
public final class ControlException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final @Nullable ConfigurationError error;

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
    this.error = null;
  }

  public ControlException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.error = null;
  }

  private ControlException(AccessConfigurationException cause) {
    super(cause.getMessage(), cause);
    this.kind = Kind.USAGE;
    this.error = cause.error();
  }

  /** Settings that cannot be together. */
  public static ControlException of(AccessConfigurationException cause) {
    return new ControlException(cause);
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

  /** What cannot be about the settings of a device; empty when something else is wrong. */
  public Optional<ConfigurationError> configurationError() {
    return Optional.ofNullable(error);
  }

  /** For people: the message, after the code of a configuration error. */
  public String line() {
    String message = String.valueOf(getMessage());
    return error == null ? message : error.code() + ": " + message;
  }

  /** Exit code of a batch that ends with this exception. */
  public int exitCode() {
    return kind.exitCode();
  }
}
