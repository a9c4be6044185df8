package aperture.console.line;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One command.
 *
 * @param name scope, colon, verb
 * @param summary one line
 * @param example one complete line to type
 * @param arguments its places, in order
 * @param options its options, without the common ones
 * @param json whether it has a result that can be a JSON document
 * @param open whether the options of the device type or driver kind that it names are taken too
 */
public record Command(
    String name,
    String summary,
    String example,
    List<Argument> arguments,
    List<Option> options,
    boolean json,
    boolean open) {

  private static final String EXAMPLE = "; example: ";

  public Command {
    arguments = List.copyOf(arguments);
    options = List.copyOf(options);
  }

  /**
   * A command without arguments.
   *
   * @param text its descriptor: summary and example
   */
  static Command of(String name, String text) {
    int cut = text.indexOf(EXAMPLE);
    return new Command(
        name,
        text.substring(0, cut),
        text.substring(cut + EXAMPLE.length()),
        List.of(),
        List.of(),
        false,
        false);
  }

  /** The descriptor that the stock help shows. */
  public String descriptor() {
    return summary + EXAMPLE + example;
  }

  Command with(String argument, Words words) {
    return with(new Argument(argument, words, true, false));
  }

  Command maybe(String argument, Words words) {
    return with(new Argument(argument, words, false, false));
  }

  Command each(String argument, Words words) {
    return with(new Argument(argument, words, true, true));
  }

  private Command with(Argument argument) {
    return new Command(name, summary, example, append(arguments, argument), options, json, open);
  }

  Command flag(String option, String description) {
    return with(Option.flag(option, description));
  }

  Command option(String option, String value, Words words, String description) {
    return with(Option.of(option, value, words, description));
  }

  private Command with(Option option) {
    return new Command(name, summary, example, arguments, append(options, option), json, open);
  }

  Command withResult() {
    return new Command(name, summary, example, arguments, options, true, open);
  }

  Command withTypeOptions() {
    return new Command(name, summary, example, arguments, options, json, true);
  }

  private static <T> List<T> append(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }

  public String scope() {
    return name.substring(0, name.indexOf(':'));
  }

  public String verb() {
    return name.substring(name.indexOf(':') + 1);
  }

  /** Its own options and the common ones. */
  public List<Option> allOptions() {
    return Stream.concat(
            options.stream(), json ? Stream.of(Option.JSON, Option.HELP) : Stream.of(Option.HELP))
        .toList();
  }

  /** How it is written, in one line. */
  public String synopsis() {
    return Stream.of(
            Stream.of(name),
            arguments.stream().map(Argument::synopsis),
            options.stream().map(option -> "[" + option.synopsis() + "]"),
            open ? Stream.of("[type's options]") : Stream.<String>of(),
            json ? Stream.of("[--json]") : Stream.<String>of())
        .flatMap(part -> part)
        .collect(Collectors.joining(" "));
  }

  /** What {@code --help} prints. */
  public String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        "%s - %s%n%nusage:   %s%nexample: %s%n".formatted(name, summary, synopsis(), example));
    List<Option> all = allOptions();
    int width = all.stream().mapToInt(option -> option.synopsis().length()).max().orElse(0);
    page.append("%noptions:%n".formatted());
    for (Option option : all) {
      page.append("  %s  %s%n".formatted(pad(option.synopsis(), width), option.description()));
    }
    if (open) {
      page.append("  and those of the device type: device:types lists them%n".formatted());
    }
    return page.toString();
  }

  private static String pad(String text, int width) {
    char[] spaces = new char[Math.max(0, width - text.length())];
    Arrays.fill(spaces, ' ');
    return text + new String(spaces);
  }
}
