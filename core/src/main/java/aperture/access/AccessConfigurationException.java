package aperture.access;

/** A combination of settings that is an error before any guest sees the device. */
public final class AccessConfigurationException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String condition;

  /**
   * @param condition short name of the violated condition, for example {@code C5}
   * @param message the setting, its provenance and the cure
   */
  public AccessConfigurationException(String condition, String message) {
    super(message);
    this.condition = condition;
  }

  public String condition() {
    return condition;
  }
}
