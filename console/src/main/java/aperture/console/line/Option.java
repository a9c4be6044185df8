package aperture.console.line;

import aperture.virtio.DeviceOption;
import java.util.List;

/**
 * A switch, or a name with a value.
 *
 * @param name without dashes
 * @param value name of the value as help shows it; empty for a switch
 * @param words what the value may be
 * @param choices the only words allowed; empty when {@code words} decides
 * @param description one line
 */
public record Option(
    String name, String value, Words words, List<String> choices, String description) {

  /** The switch that every command with a result takes. */
  public static final Option JSON = flag("json", "one JSON document instead of text");

  /** The switch that every command takes. */
  public static final Option HELP = flag("help", "this page");

  public Option {
    choices = List.copyOf(choices);
  }

  static Option flag(String name, String description) {
    return new Option(name, "", Words.ANY, List.of(), description);
  }

  static Option of(String name, String value, Words words, String description) {
    return new Option(name, value, words, words.fixed(), description);
  }

  /** An option that a device type brings. */
  public static Option of(DeviceOption option) {
    return new Option(
        option.name(),
        option.flag()
            ? ""
            : option.values().isEmpty() ? "VALUE" : String.join("|", option.values()),
        Words.ANY,
        option.values(),
        option.description() + (option.required() ? " (required)" : ""));
  }

  public boolean isFlag() {
    return value.isEmpty();
  }

  String synopsis() {
    return isFlag() ? "--" + name : "--" + name + " " + value;
  }
}
