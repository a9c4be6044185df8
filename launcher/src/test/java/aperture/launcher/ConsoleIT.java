package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The console")
class ConsoleIT {
  @TempDir Path world;
  private Launcher launcher;

  @BeforeEach
  void settle() throws Exception {
    launcher = new Launcher(world);
  }

  @Test
  @DisplayName(
      "without a terminal runs each line, goes on after failures, and exits with the first")
  void readsLines() throws Exception {
    Run run =
        launcher.type(
            """
            echo one
            bogus
            each [a b] {
              echo $it
            }
            stop 999
            stop aperture.shel
            bundlelevel nothing
            install none.jar
            lbb | grep x
            lb | grep nowhere
            echo last
            """);
    assertThat(run.out()).startsWith("one\na\nb\n").endsWith("last\n");
    assertThat(run.err())
        .isEqualTo(
            """
            error: unknown command 'bogus'; 'help' lists all
            error: no bundle '999'
            error: no bundle 'aperture.shel'; nearest: aperture.shell
            error: wrong arguments for 'bundlelevel'; see 'help bundlelevel'
            error: no such file: %s
            gogo: Failure: unknown command 'lbb'; nearest: felix:lb
            """
                .formatted(world.resolve("none.jar")));
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  @DisplayName("without a terminal ends well on no input at all")
  void readsNothing() throws Exception {
    Run run = launcher.type("");
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
  }

  @Test
  @DisplayName("on a terminal greets, completes, remembers, and is not a dumb one")
  void servesATerminal() throws Exception {
    Run run = launcher.onTerminal("bundlel\t org.jline\r$.terminal type\rbogus\rexit 3\r");
    assertThat(run.out())
        .contains("Aperture ", "JDK 25", "Architectures: ", "aperture> ")
        .contains("xterm-256color")
        .contains("unknown command 'bogus'")
        .contains("] is level 1")
        .doesNotContain("gosh_profile:")
        .doesNotContain("Exception");
    assertThat(run.status()).isEqualTo(3);
    assertThat(Files.readString(world.resolve(".aperture/history"))).contains("bogus");
    assertThat(launcher.leftovers()).isEmpty();
  }

  @Test
  @DisplayName("follows a watched folder: a jar dropped in, replaced, deleted")
  void followsAFolder() throws Exception {
    Path drop = Files.createDirectories(world.resolve("drop"));
    Process process = launcher.start("--bundles", "drop");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        var in = process.outputWriter(StandardCharsets.UTF_8)) {
      ask(in, "echo ready");
      assertThat(out.readLine()).isEqualTo("ready");
      Path jar = ProbeJar.write(drop.resolve("probe.jar"), "1.0.0");
      awaitAnswer(in, out, "version 1.0.0");
      ProbeJar.write(jar, "2.0.0");
      awaitAnswer(in, out, "version 2.0.0");
      Files.delete(jar);
      awaitAnswer(in, out, "none");
    }
    assertThat(process.waitFor()).isZero();
  }

  /** Asks again and again: the folder is looked at in turns. */
  private static void awaitAnswer(java.io.Writer in, BufferedReader out, String expected) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              ask(in, "try { echo (probe:version) } { echo none }");
              return out.readLine();
            },
            expected::equals);
  }

  private static void ask(java.io.Writer in, String line) throws java.io.IOException {
    in.write(line + "\n");
    in.flush();
  }
}
