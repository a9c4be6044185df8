package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import aperture.launcher.outcome.Failure;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A bundle's start level")
class StartLevelsTest {
  private final StartLevels levels =
      new StartLevels(Map.of("a.*", 3, "a.b.*", 4, "a.b.c", 5, "x", 2));

  @Test
  @DisplayName("is that of the longest rule that matches its name")
  void followsTheLongestRule() {
    assertThat(levels.of("a.z")).isEqualTo(3);
    assertThat(levels.of("a.b.z")).isEqualTo(4);
    assertThat(levels.of("a.b.c")).isEqualTo(5);
  }

  @Test
  @DisplayName("is 1 without a rule")
  void defaultsToOne() {
    assertThat(levels.of("unheard.of")).isEqualTo(1);
    assertThat(levels.of("xy")).isEqualTo(1);
  }

  @Test
  @DisplayName("must be a number in the file")
  void mustBeANumber() {
    Properties properties = new Properties();
    properties.setProperty("a", "high");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> StartLevels.of(properties))
        .withMessage("start level of a is not a number");
  }
}
