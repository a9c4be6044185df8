package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Who starts before whom: a symbolic name, or a prefix ending in {@code *}, to a start level.
 *
 * <p>Three levels have a meaning to the launcher. {@link #EXTRA} is for the operator's own bundles,
 * after everything of the distribution. {@link #READY} is where the framework rests for a batch.
 * Only the interactive shell lies above, because it takes the terminal the moment it starts.
 *
 * @param rules the longest matching rule wins
 */
record StartLevels(Map<String, Integer> rules) {
  static final int EXTRA = 7;
  static final int READY = 8;
  static final int SHELL = 9;

  static StartLevels of(Properties properties) {
    Map<String, Integer> rules = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      try {
        rules.put(name, Integer.valueOf(properties.getProperty(name).strip()));
      } catch (NumberFormatException e) {
        throw new Failure(ExitCode.MISSING, "start level of " + name + " is not a number");
      }
    }
    return new StartLevels(Map.copyOf(rules));
  }

  /** The level for a bundle; without a rule, 1. */
  int of(String symbolicName) {
    Integer exact = rules.get(symbolicName);
    if (exact != null) {
      return exact;
    }
    int level = 1;
    int longest = -1;
    for (Map.Entry<String, Integer> rule : rules.entrySet()) {
      String key = rule.getKey();
      if (key.endsWith("*") && key.length() > longest) {
        String prefix = key.substring(0, key.length() - 1);
        if (symbolicName.startsWith(prefix)) {
          level = rule.getValue();
          longest = key.length();
        }
      }
    }
    return level;
  }
}
