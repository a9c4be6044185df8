package aperture.console.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import aperture.console.line.Command;
import aperture.console.line.CommandTable;
import aperture.console.line.LineParser;
import aperture.console.line.Option;
import aperture.virtio.DeviceOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages of {@code docs/commands} say what the table says. */
class CommandPagesTest {

  private static final Path FOLDER = Path.of("../docs/commands");
  private static final String WRITE = "reference.write";
  private static final String CURE =
      "mvn -o -q test -pl console -am -Dtest=CommandPagesTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dreference.write=true";

  static Stream<String> scopes() {
    return CommandTable.all().stream().map(Command::scope).distinct();
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void aPageSaysWhatTheTableSays(String scope) throws IOException {
    Path file = FOLDER.resolve(scope + ".md");
    String present = Files.exists(file) ? Files.readString(file) : "# " + scope + ":\n\n";
    String wanted = CommandPage.read(scope, present).text();
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(file, wanted);
    }

    assertThat(file)
        .as("docs/commands/%s.md is stale; this writes it anew: %s", scope, CURE)
        .hasContent(wanted);
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void everyCommandHasAnExampleThatTheParserTakes(String scope) throws IOException {
    CommandPage page = CommandPage.read(scope, Files.readString(FOLDER.resolve(scope + ".md")));

    for (Command command : page.commands()) {
      List<String> typed =
          page.after(command)
              .lines()
              .filter(line -> line.startsWith(CommandPage.PROMPT + command.name()))
              .map(line -> line.substring(CommandPage.PROMPT.length()))
              .toList();
      assertThat(typed)
          .as("lines that start with '%s%s'", CommandPage.PROMPT, command.name())
          .isNotEmpty();
      typed.forEach(line -> taken(command, line));
    }
  }

  private static void taken(Command command, String line) {
    List<String> words = List.of(line.split(" +", -1));
    List<Option> typesOwn =
        Stream.of("file", "serial")
            .map(name -> Option.of(new DeviceOption(name, "", false, false, List.of())))
            .toList();
    assertThatCode(() ->
            LineParser.parse(
                command, words.subList(1, words.size()), command.open() ? typesOwn : List.of()))
        .as(line)
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandWithJsonSaysWhatIsInIt(Command command) {
    assertThat(Results.of(command.name()).isPresent()).isEqualTo(command.json());
  }

  static List<Command> commands() {
    return CommandTable.all();
  }
}
