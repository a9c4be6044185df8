package aperture.console.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.ControlException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineParserTest {

  private static final Command COMMAND =
      Command.of("toy:go", "go; example: toy:go here")
          .with("PLACE", Words.ANY)
          .maybe("ACCESS", Words.ACCESS)
          .option("speed", "N", Words.NUMBER, "how fast")
          .flag("back", "and back")
          .withResult();

  private static Arguments parse(String line) throws ControlException {
    return LineParser.parse(COMMAND, List.of(line.split(" ", -1)), List.of());
  }

  @Test
  void optionsStandAnywhereAndInBothForms() throws Exception {
    Arguments arguments = parse("--speed 5 here --back r");

    assertThat(arguments.word(0)).isEqualTo("here");
    assertThat(arguments.maybe(1)).contains("r");
    assertThat(arguments.number("speed", 0, 9, 1)).isEqualTo(5);
    assertThat(arguments.has("back")).isTrue();
    assertThat(parse("here --speed=7").option("speed")).contains("7");
    assertThat(parse("here --speed=").option("speed")).contains("");
    assertThat(parse("here").number("speed", 0, 9, 1)).isEqualTo(1);
  }

  @Test
  void twoDashesEndTheOptions() throws Exception {
    assertThat(parse("-- --speed").word(0)).isEqualTo("--speed");
    assertThat(parse("-").word(0)).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "here --sped 5 | toy:go: unknown option '--sped'; did you mean '--speed'?",
        "here --sped=5 | toy:go: unknown option '--sped'; did you mean '--speed'?",
        "here -s | toy:go: unknown option '-s'; known: --back, --help, --json, --speed",
        "here --speed | option --speed of toy:go needs a value: N",
        "here --back=1 | option --back of toy:go takes no value",
        "here --back --back | option --back of toy:go is given twice",
        "--back | toy:go: PLACE is missing; usage: toy:go PLACE [ACCESS] [--speed N] [--back]"
            + " [--json]",
        "here r more | toy:go: 'more' is too much; usage: toy:go PLACE",
        "here x | unknown access 'x'; did you mean 'r'?",
      })
  void aWrongLineIsExplainedInOne(String line, String complaint) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining(complaint);
  }
}
