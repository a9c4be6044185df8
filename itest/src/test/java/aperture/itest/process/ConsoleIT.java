package aperture.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The interactive console, and what it does without a terminal or without input. */
class ConsoleIT {

  /** What moves the cursor, colours, and sets modes. */
  private static final Pattern CONTROLS = Pattern.compile("\u001b(\\[[0-9;?]*[A-Za-z]|[=>])");

  @TempDir Path world;

  @Test
  void onATerminalItCompletesCommandsAndLiveWordsAndIsNotDumb() throws Exception {
    Script script = new Script(world);
    Result result =
        script.onTerminal(
            "$.terminal type\r"
                + "machine:cre\tzz0 pc-q35-7.2\r"
                + "machine:sho\tz\t\r"
                + "exit\r");
    result.expect(0);
    assertThat(CONTROLS.matcher(result.out()).replaceAll(""))
        .contains("aperture> ", "xterm-256color")
        .doesNotContain("dumb")
        .contains("machine:create zz0 pc-q35-7.2")
        .contains("machine:show zz0")
        .contains("iommu state")
        .doesNotContain("unknown command", "Exception");
    assertThat(script.leftovers()).isEmpty();
  }

  @Test
  void theEndOfInputEndsItWell() throws Exception {
    Script script = new Script(world);
    assertThat(script.type("").expect(0).out()).isEmpty();
    assertThat(script.type("arch:list").expect(0).out()).startsWith("BUNDLE ");
  }
}
