package aperture.launcher.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An unknown command")
class UnknownCommandsTest {
  private static final List<String> COMMANDS =
      List.of("machine:list", "machine:types", "device:list", "felix:lb");

  @Test
  @DisplayName("typed with a scope is compared with full names")
  void comparesFullNames() {
    assertThat(UnknownCommands.message("machin:list", COMMANDS))
        .isEqualTo("unknown command 'machin:list'; nearest: machine:list");
  }

  @Test
  @DisplayName("typed without one is compared with bare names, and answered in full")
  void comparesBareNames() {
    assertThat(UnknownCommands.message("typse", COMMANDS))
        .isEqualTo("unknown command 'typse'; nearest: machine:types");
  }

  @Test
  @DisplayName("like nothing else leads to help")
  void pointsToHelp() {
    assertThat(UnknownCommands.message("frobnicate", COMMANDS))
        .isEqualTo("unknown command 'frobnicate'; 'help' lists all");
  }
}
