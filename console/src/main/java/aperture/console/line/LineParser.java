package aperture.console.line;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes a command line apart as its command says. Options may stand anywhere, as {@code --name
 * value} or {@code --name=value}; {@code --} ends them.
 */
public final class LineParser {

  private final Command command;
  private final Map<String, Option> options = new LinkedHashMap<>();
  private final List<String> words = new ArrayList<>();
  private final Map<String, String> given = new HashMap<>();

  private LineParser(Command command, List<Option> extra) {
    this.command = command;
    command.allOptions().forEach(option -> options.put(option.name(), option));
    extra.forEach(option -> options.putIfAbsent(option.name(), option));
  }

  /**
   * Understands a line, or says in one line what is wrong with it.
   *
   * @param extra options beside the command's own
   */
  public static Arguments parse(Command command, List<String> line, List<Option> extra)
      throws ControlException {
    LineParser parser = new LineParser(command, extra);
    parser.take(line);
    if (!parser.given.containsKey(Option.HELP.name())) {
      parser.check();
    }
    return new Arguments(parser.words, parser.given);
  }

  private void take(List<String> line) throws ControlException {
    boolean open = true;
    for (int at = 0; at < line.size(); at++) {
      String word = line.get(at);
      if (open && word.equals("--")) {
        open = false;
      } else if (open && word.startsWith("-") && word.length() > 1) {
        at = takeOption(line, at);
      } else {
        words.add(word);
      }
    }
  }

  private int takeOption(List<String> line, int at) throws ControlException {
    String word = line.get(at);
    int equals = word.indexOf('=');
    String name =
        word.startsWith("--") ? word.substring(2, equals < 0 ? word.length() : equals) : "";
    Option option = options.get(name);
    if (option == null) {
      throw ControlException.usage(
          "%s: %s"
              .formatted(
                  command.name(),
                  Nearest.unknown(
                      "option",
                      equals < 0 ? word : word.substring(0, equals),
                      options.keySet().stream().map(known -> "--" + known).toList())));
    }
    boolean last = equals < 0 && at + 1 >= line.size();
    if (option.isFlag() ? equals >= 0 : last) {
      throw ControlException.usage(
          option.isFlag()
              ? "option --%s of %s takes no value".formatted(name, command.name())
              : "option --%s of %s needs a value: %s"
                  .formatted(name, command.name(), option.value()));
    }
    String value =
        option.isFlag() ? "" : equals >= 0 ? word.substring(equals + 1) : line.get(at + 1);
    if (given.put(name, value) != null) {
      throw ControlException.usage(
          "option --%s of %s is given twice".formatted(name, command.name()));
    }
    if (!option.choices().isEmpty() && !option.choices().contains(value)) {
      throw ControlException.usage(Nearest.unknown("value of --" + name, value, option.choices()));
    }
    return option.isFlag() || equals >= 0 ? at : at + 1;
  }

  private void check() throws ControlException {
    List<Argument> places = command.arguments();
    for (int at = 0; at < places.size(); at++) {
      if (at >= words.size() && places.get(at).required()) {
        throw ControlException.usage(
            "%s: %s is missing; usage: %s"
                .formatted(command.name(), places.get(at).name(), command.synopsis()));
      }
    }
    boolean endless = !places.isEmpty() && places.getLast().repeated();
    if (words.size() > places.size() && !endless) {
      throw ControlException.usage(
          "%s: '%s' is too much; usage: %s"
              .formatted(command.name(), words.get(places.size()), command.synopsis()));
    }
    for (int at = 0; at < Math.min(words.size(), places.size()); at++) {
      List<String> fixed = places.get(at).words().fixed();
      if (!fixed.isEmpty() && !fixed.contains(words.get(at))) {
        throw ControlException.usage(Nearest.unknown(noun(places.get(at)), words.get(at), fixed));
      }
    }
  }

  private static String noun(Argument argument) {
    return switch (argument.words()) {
      case ACCESS -> "access";
      case POLICY -> "setting";
      default -> "value";
    };
  }
}
