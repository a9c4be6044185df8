package aperture.console.complete;

import aperture.admin.ControlException;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.control.TypeOptions;
import aperture.console.line.Argument;
import aperture.console.line.Command;
import aperture.console.line.Option;
import aperture.console.line.Words;
import aperture.console.swap.ArchBundles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;

/** What may stand at a place of a command line, by the command's table and what is there now. */
public final class Candidates {

  /**
   * A word that may stand there.
   *
   * @param value the word
   * @param description one line, empty for none
   */
  public record Word(String value, String description) {}

  private final Controls controls;
  private final BundleContext context;

  public Candidates(Controls controls, BundleContext context) {
    this.controls = controls;
    this.context = context;
  }

  /**
   * The words for a place.
   *
   * @param before the words between the command's name and the place
   * @param word what is typed already
   * @return empty when a file is meant; a list, perhaps without words, otherwise
   */
  public Optional<List<Word>> at(Command command, List<String> before, String word) {
    List<Option> options = options(command, before);
    Optional<Option> open = open(options, before);
    if (open.isPresent()) {
      Option option = open.get();
      return isFile(option)
          ? Optional.empty()
          : Optional.of(
              plain(option.choices().isEmpty() ? known(option.words()) : option.choices()));
    }
    if (word.startsWith("-")) {
      return Optional.of(
          options.stream()
              .filter(option -> !before.contains("--" + option.name()))
              .map(option -> new Word("--" + option.name(), option.description()))
              .toList());
    }
    Optional<Argument> argument = argument(command, arguments(options, before).size());
    if (argument.isPresent() && argument.get().words() == Words.FILE) {
      return Optional.empty();
    }
    return Optional.of(plain(argument.map(a -> known(a.words())).orElse(List.of())));
  }

  /** A device type's file has no sort of its own; it is known by its name. */
  private static boolean isFile(Option option) {
    return option.words() == Words.FILE || option.name().equals("file");
  }

  private static Optional<Argument> argument(Command command, int place) {
    List<Argument> all = command.arguments();
    if (place < all.size()) {
      return Optional.of(all.get(place));
    }
    return all.isEmpty() || !all.getLast().repeated()
        ? Optional.empty()
        : Optional.of(all.getLast());
  }

  /** The words before the place that are arguments. */
  private static List<String> arguments(List<Option> options, List<String> before) {
    List<String> arguments = new ArrayList<>();
    for (int at = 0; at < before.size(); at++) {
      if (!before.get(at).startsWith("-")) {
        arguments.add(before.get(at));
      } else if (open(options, before.subList(0, at + 1)).isPresent()) {
        at++;
      }
    }
    return arguments;
  }

  /** The option whose value comes next. */
  private static Optional<Option> open(List<Option> options, List<String> before) {
    if (before.isEmpty()) {
      return Optional.empty();
    }
    return options.stream()
        .filter(option -> !option.isFlag() && before.getLast().equals("--" + option.name()))
        .findFirst();
  }

  private List<Option> options(Command command, List<String> before) {
    if (!command.open()) {
      return command.allOptions();
    }
    return Stream.concat(typeOptions(command, before), command.allOptions().stream()).toList();
  }

  /** Those of the device type, or driver kind, that is named already. */
  private Stream<Option> typeOptions(Command command, List<String> before) {
    boolean kinds = command.arguments().stream().anyMatch(a -> a.words() == Words.DRIVER_KIND);
    try {
      Known known = new Known(controls);
      TypeOptions.Source source =
          kinds
              ? TypeOptions.driverKinds(controls, known)
              : TypeOptions.deviceTypes(controls, known);
      return source.all().entrySet().stream()
          .filter(owner -> before.contains(owner.getKey()))
          .flatMap(owner -> owner.getValue().stream())
          .map(Option::of);
    } catch (ControlException e) {
      return Stream.empty(); // nothing to offer while core is stopped
    }
  }

  private List<String> known(Words words) {
    try {
      return words == Words.ARCHITECTURE
          ? new ArchBundles(context).names(controls.swaps().suppliers())
          : new Known(controls).words(words);
    } catch (ControlException e) {
      return List.of(); // nothing to offer while core is stopped
    }
  }

  private static List<Word> plain(List<String> words) {
    return words.stream().map(word -> new Word(word, "")).toList();
  }
}
