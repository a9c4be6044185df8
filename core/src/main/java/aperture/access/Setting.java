package aperture.access;

/** A switch that an operator may leave alone. */
public enum Setting {
  ON,
  OFF,
  UNSET;

  /**
   * The word used on the command line and in configuration: {@code on}, {@code off}, {@code unset}.
   */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  public static Setting of(boolean on) {
    return on ? ON : OFF;
  }
}
