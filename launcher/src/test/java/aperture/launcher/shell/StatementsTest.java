package aperture.launcher.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import aperture.launcher.outcome.Failure;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A program")
class StatementsTest {
  @Test
  @DisplayName("is cut at semicolons and line ends")
  void isCutAtSeparators() {
    assertThat(Statements.of("a 1; b 2\nc")).containsExactly("a 1", "b 2", "c");
  }

  @Test
  @DisplayName("is not cut inside quotes, closures, pipes and conditions")
  void keepsWholesTogether() {
    assertThat(Statements.of("a 'x; y'; each { b; c } ; d | e; f && g || h"))
        .containsExactly("a 'x; y'", "each { b; c }", "d | e", "f && g || h");
  }

  @Test
  @DisplayName("of nothing but separators and comments has no statement")
  void mayBeEmpty() {
    assertThat(Statements.of(" ; ;\n# only a remark\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a 'open", "a { b", "a |", "a ( b"})
  @DisplayName("that breaks off is incomplete, and wrong usage if that is all")
  void mayBreakOff(String text) {
    assertThat(Statements.isIncomplete(text)).isTrue();
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Statements.of(text))
        .withMessageStartingWith("syntax error: ")
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(2));
  }

  @Test
  @DisplayName("that is wrong is not incomplete")
  void mayBeWrong() {
    assertThat(Statements.isIncomplete("a )")).isFalse();
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> Statements.of("a )"));
  }
}
