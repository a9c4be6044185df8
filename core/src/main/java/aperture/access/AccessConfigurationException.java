package aperture.access;

/** A combination of settings that is an error before any guest sees the device. */
public final class AccessConfigurationException extends Exception {

  private static final long serialVersionUID = 1L;

  private final ConfigurationError error;

  /**
   * @param error what cannot be
   * @param message the setting, its provenance and the cure
   */
  public AccessConfigurationException(ConfigurationError error, String message) {
    super(message);
    this.error = error;
  }

  public ConfigurationError error() {
    return error;
  }
}
