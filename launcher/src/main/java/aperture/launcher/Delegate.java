package aperture.launcher;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A word of the command line that a bundle gives its meaning to: the launcher starts the framework
 * and passes the arguments on, unread, to a Gogo command.
 */
enum Delegate {
  DEMO("Guided run: verified I/O on every architecture, a swap under load.", false),
  SERVE("Serve one device to a real guest over vhost-user.", true);

  private final String summary;
  private final boolean endsBySignal;

  Delegate(String summary, boolean endsBySignal) {
    this.summary = summary;
    this.endsBySignal = endsBySignal;
  }

  /** What the user types, after options of the launcher itself. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The Gogo command that does the work. */
  String command() {
    return "aperture:" + word();
  }

  String summary() {
    return summary;
  }

  /** Whether SIGTERM and SIGINT are the regular end, and so a success. */
  boolean endsBySignal() {
    return endsBySignal;
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Delegate::word).toList();
  }
}
