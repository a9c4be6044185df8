package aperture.console.thread;

/** Who made a claim. */
enum Author {
  ANDY("Andy Lutomirski"),
  BEN("Ben Herrenschmidt"),
  JAN("Jan Kiszka");

  private final String fullName;

  Author(String fullName) {
    this.fullName = fullName;
  }

  String fullName() {
    return fullName;
  }

  /** Short, beside a setting. */
  String firstName() {
    return fullName.substring(0, fullName.indexOf(' '));
  }
}
