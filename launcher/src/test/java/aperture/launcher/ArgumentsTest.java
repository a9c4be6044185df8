package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import aperture.launcher.outcome.Failure;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The command line")
class ArgumentsTest {
  @Test
  @DisplayName("without words asks for the console, in private storage, with warnings logged")
  void defaultsToTheConsole() {
    Request request = Arguments.parse();
    assertThat(request.task()).isEqualTo(new Task.Console());
    assertThat(request.data()).isEmpty();
    assertThat(request.bundles()).isEmpty();
    assertThat(request.log()).isEqualTo(Level.WARNING);
  }

  @Test
  @DisplayName("takes a batch with its options in any order")
  void takesABatch() {
    Request request =
        Arguments.parse("--data", "d", "-c", "lb; help", "--bundles=a", "--bundles", "b");
    assertThat(request.task()).isEqualTo(new Task.Batch("lb; help"));
    assertThat(request.data()).contains(Path.of("d"));
    assertThat(request.bundles()).containsExactly(Path.of("a"), Path.of("b"));
  }

  @Test
  @DisplayName("leaves everything after a subcommand to the subcommand")
  void passesArgumentsOn() {
    Request request =
        Arguments.parse("-v", "demo", "--image", "f", "--help", "-c", "--", "@file", "--x=y z");
    assertThat(request.task())
        .isEqualTo(
            new Task.Delegated(
                Delegate.DEMO, List.of("--image", "f", "--help", "-c", "--", "@file", "--x=y z")));
    assertThat(request.log()).isEqualTo(Level.INFO);
    assertThat(
            Arguments.parse("demo", "--image", "f", "--help", "-c", "--", "@file", "--x=y z")
                .task())
        .isEqualTo(request.task());
  }

  @ParameterizedTest
  @CsvSource({"--log=error,ERROR", "--log=Debug,DEBUG", "-v,INFO", "-vv,DEBUG"})
  @DisplayName("sets the log level by name or by degree")
  void setsTheLogLevel(String word, Level expected) {
    assertThat(Arguments.parse(word).log()).isEqualTo(expected);
  }

  @Test
  @DisplayName("answers --help with options, subcommands and exit codes")
  void answersHelp() {
    assertThat(Arguments.parse("--help").task())
        .isInstanceOfSatisfying(
            Task.Answer.class,
            answer ->
                assertThat(answer.text())
                    .contains("--data", "--bundles", "-c", "demo", "serve", "Exit codes: 0 ok"));
  }

  @Test
  @DisplayName("answers --version with the JDK as well")
  void answersVersion() {
    assertThat(Arguments.parse("--version").task())
        .isInstanceOfSatisfying(
            Task.Answer.class, answer -> assertThat(answer.text()).contains("aperture", "JDK"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --dat x        | unknown option '--dat'; nearest: --data
          --bundels=d    | unknown option '--bundels'; nearest: --bundles
          --unheard-of   | unknown option '--unheard-of'; see --help
          dmo            | unknown subcommand 'dmo'; nearest: demo
          frobnicate     | unknown subcommand 'frobnicate'; see --help
          --log=debgu    | unknown log level 'debgu'; nearest: debug
          -c lb demo     | -c and a subcommand exclude each other
          --data         | Missing required parameter for option '--data' (DIR)
          """)
  @DisplayName("is refused in one line, as wrong usage, with the nearest word")
  void refusesInOneLine(String line, String message) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Arguments.parse(line.split(" ")))
        .withMessage(message)
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(2));
  }
}
