package aperture.console.thread;

import java.util.Optional;

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

  /** Behind a setting: whose claim it tests; nothing where nobody said anything. */
  static String mark(Optional<Author> by) {
    return by.map(who -> " [" + who.firstName() + "]").orElse("");
  }

  /** Short, beside a setting. */
  String firstName() {
    return fullName.substring(0, fullName.indexOf(' '));
  }
}
