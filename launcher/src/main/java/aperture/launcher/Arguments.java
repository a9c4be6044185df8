package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import aperture.launcher.outcome.Nearest;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns words into a {@link Request}, or into a {@link Failure} of one line. */
@Command(
    name = "aperture",
    sortOptions = false,
    description = "Virtio devices behind IOMMUs of every architecture, as replaceable bundles.",
    synopsisHeading = "Usage: ",
    customSynopsis = "aperture [OPTIONS] [-c COMMANDS | SUBCOMMAND [ARGUMENTS]]",
    optionListHeading = "%nWithout -c or a subcommand: the interactive console.%n%n",
    commandListHeading = "%nSubcommands:%n",
    footer = {
      "",
      "Examples:",
      "  aperture -c 'arch:list'",
      "  aperture --data /var/lib/aperture --bundles ./drop-in",
      "",
      "Exit codes: 0 ok, 1 failed while running, 2 usage, 3 capability missing,",
      "            4 cannot bind or no permission."
    })
final class Arguments {
  @Option(names = "-c", paramLabel = "COMMANDS", description = "Run Gogo commands and exit.")
  @Nullable String commands;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Keep the framework's state here; otherwise it is temporary.")
  @Nullable Path data;

  @Option(
      names = "--bundles",
      paramLabel = "DIR",
      description = "Also run the jars of this folder; watched for changes.")
  List<Path> bundles = new ArrayList<>();

  @Option(names = "--log", paramLabel = "LEVEL", description = "error, warning, info or debug.")
  @Nullable String log;

  @Option(names = "-v", description = "Log more: -v for info, -vv for debug.")
  boolean[] verbose = {};

  @Option(names = "--version", versionHelp = true, description = "Print the version and exit.")
  boolean version;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this help and exit.")
  boolean help;

  /** Swallows everything after the subcommand: its grammar is the bundle's. */
  @Command
  static final class Rest {
    @Parameters(arity = "0..*", paramLabel = "ARGUMENTS")
    List<String> arguments = new ArrayList<>();
  }

  static Request parse(String... words) {
    return plain(words)
        .map(task -> new Request(task, Optional.empty(), List.of(), Level.WARNING))
        .orElseGet(() -> parseAll(words));
  }

  /**
   * The calls that scripts make most, which have no options to parse: setting up the parser takes a
   * tenth of the time to the first command.
   */
  private static Optional<Task> plain(String... words) {
    if (words.length == 0) {
      return Optional.of(new Task.Console());
    }
    if (words.length == 2 && words[0].equals("-c")) {
      return Optional.of(new Task.Batch(words[1]));
    }
    return Arrays.stream(Delegate.values())
        .filter(delegate -> delegate.word().equals(words[0]))
        .findFirst()
        .map(delegate -> new Task.Delegated(delegate, List.of(words).subList(1, words.length)));
  }

  private static Request parseAll(String... words) {
    Arguments arguments = new Arguments();
    CommandLine line = commandLine(arguments);
    try {
      return arguments.request(line, line.parseArgs(words));
    } catch (UnmatchedArgumentException e) {
      throw unknown(line, e.getUnmatched().getFirst());
    } catch (ParameterException e) {
      throw new Failure(ExitCode.USAGE, oneLine(e.getMessage()));
    }
  }

  private static CommandLine commandLine(Arguments arguments) {
    CommandLine line = new CommandLine(arguments);
    line.setExpandAtFiles(false);
    for (Delegate delegate : Delegate.values()) {
      CommandLine rest = new CommandLine(new Rest());
      rest.getCommandSpec().usageMessage().description(delegate.summary());
      line.addSubcommand(delegate.word(), rest);
      rest.setExpandAtFiles(false);
      rest.setUnmatchedOptionsArePositionalParams(true);
      rest.getCommandSpec().parser().endOfOptionsDelimiter("\0");
    }
    return line;
  }

  private Request request(CommandLine line, ParseResult parsed) {
    if (parsed.isUsageHelpRequested()) {
      return answer(line.getUsageMessage(Ansi.OFF));
    }
    if (parsed.isVersionHelpRequested()) {
      return answer(
          "aperture "
              + Distribution.version()
              + System.lineSeparator()
              + "JDK "
              + Runtime.version());
    }
    return new Request(task(parsed), Optional.ofNullable(data), List.copyOf(bundles), level());
  }

  private Request answer(String text) {
    return new Request(
        new Task.Answer(text.stripTrailing()), Optional.empty(), List.of(), Level.OFF);
  }

  private Task task(ParseResult parsed) {
    ParseResult sub = parsed.subcommand();
    if (sub != null) {
      if (commands != null) {
        throw new Failure(ExitCode.USAGE, "-c and a subcommand exclude each other");
      }
      Rest rest = (Rest) sub.commandSpec().userObject();
      Delegate delegate = Delegate.valueOf(sub.commandSpec().name().toUpperCase(Locale.ROOT));
      return new Task.Delegated(delegate, List.copyOf(rest.arguments));
    }
    return commands == null ? new Task.Console() : new Task.Batch(commands);
  }

  private Level level() {
    if (log == null) {
      return switch (verbose.length) {
        case 0 -> Level.WARNING;
        case 1 -> Level.INFO;
        default -> Level.DEBUG;
      };
    }
    try {
      return Level.valueOf(log.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      List<String> known =
          Arrays.stream(Level.values()).map(l -> l.name().toLowerCase(Locale.ROOT)).toList();
      throw new Failure(
          ExitCode.USAGE, "unknown log level '" + log + "'" + Nearest.hint(log, known));
    }
  }

  private static Failure unknown(CommandLine line, String word) {
    if (word.startsWith("-")) {
      String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
      List<String> known = List.copyOf(line.getCommandSpec().optionsMap().keySet());
      return new Failure(
          ExitCode.USAGE, "unknown option '" + name + "'" + hint(name, known, "see --help"));
    }
    return new Failure(
        ExitCode.USAGE,
        "unknown subcommand '" + word + "'" + hint(word, Delegate.words(), "see --help"));
  }

  private static String hint(String word, List<String> known, String otherwise) {
    return "; " + Nearest.to(word, known).map(near -> "nearest: " + near).orElse(otherwise);
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "bad command line" : message.lines().findFirst().orElse(message);
  }
}
