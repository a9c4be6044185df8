package aperture.itest.guest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A line with which a guest says that it has done a step.
 *
 * @param step which
 * @param values what it found, by name
 */
record Marker(String step, Map<String, String> values) {

  private static final String SIGN = "APERTURE: ";

  /**
   * Firmware and kernel share the console, so that a marker may begin in the middle of a line; and
   * in the middle of another marker, when the guest was reset while it said that.
   */
  static Optional<Marker> in(String line) {
    int sign = line.lastIndexOf(SIGN);
    if (sign < 0) {
      return Optional.empty();
    }
    String[] words = line.substring(sign + SIGN.length()).strip().split(" +", -1);
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals > 0) {
        values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
      }
    }
    return Optional.of(new Marker(words[0], Map.copyOf(values)));
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + this);
    }
    return value;
  }

  long number(String name) {
    try {
      return Long.parseLong(text(name));
    } catch (NumberFormatException e) {
      throw new AssertionError(name + " is no number in " + this, e);
    }
  }
}
