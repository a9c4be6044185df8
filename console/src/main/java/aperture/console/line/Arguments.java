package aperture.console.line;

import aperture.access.Setting;
import aperture.admin.ControlException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command line that was understood. */
public final class Arguments {

  private final List<String> words;
  private final Map<String, String> options;

  Arguments(List<String> words, Map<String, String> options) {
    this.words = List.copyOf(words);
    this.options = Map.copyOf(options);
  }

  /** A required argument. */
  public String word(int place) {
    return words.get(place);
  }

  /** An argument that may be absent. */
  public Optional<String> maybe(int place) {
    return place < words.size() ? Optional.of(words.get(place)) : Optional.empty();
  }

  /** All arguments from a place on. */
  public List<String> from(int place) {
    return words.subList(place, words.size());
  }

  public boolean has(String option) {
    return options.containsKey(option);
  }

  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  /** A number from an option. */
  public long number(String option, long least, long most, long absent) throws ControlException {
    Optional<String> text = option(option);
    return text.isEmpty() ? absent : Numbers.within("--" + option, text.get(), least, most);
  }

  /** A size from an option. */
  public long size(String option, long absent) throws ControlException {
    Optional<String> text = option(option);
    return text.isEmpty() ? absent : Numbers.size("--" + option, text.get());
  }

  /** A switch that may be left alone. */
  public Setting setting(String option) {
    return option(option).map(Arguments::setting0).orElse(Setting.UNSET);
  }

  private static Setting setting0(String word) {
    return word.equals("on") ? Setting.ON : word.equals("off") ? Setting.OFF : Setting.UNSET;
  }

  /** A checked argument that is one of on, off, unset. */
  public Setting setting(int place) {
    return setting0(word(place));
  }

  /** The options given, by name; a switch has an empty value. */
  public Map<String, String> options() {
    return options;
  }
}
