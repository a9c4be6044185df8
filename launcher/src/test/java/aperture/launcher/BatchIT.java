package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A batch")
class BatchIT {
  @TempDir Path world;
  private Launcher launcher;
  private Path drop;

  @BeforeEach
  void settle() throws Exception {
    launcher = new Launcher(world);
    drop = Files.createDirectories(world.resolve("drop"));
  }

  @Test
  @DisplayName("prints each command's result on standard output and nothing else anywhere")
  void printsResults() throws Exception {
    Run run = launcher.run("-c", "echo one; lb | grep -i 'configuration admin'; scr:list | wc -l");
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines().toList())
        .hasSize(3)
        .satisfies(lines -> {
          assertThat(lines.get(0)).isEqualTo("one");
          assertThat(lines.get(1)).contains("|Active").doesNotContain("\u001b");
        });
    assertThat(run.status()).isZero();
    assertThat(launcher.leftovers()).isEmpty();
  }

  @Test
  @DisplayName(
      "finds the bundles of --bundles running, formats records, and logs to standard error")
  void runsExtraBundles() throws Exception {
    ProbeJar.write(drop.resolve("probe.jar"), "1.0.0");
    Run run =
        launcher.run(
            "--bundles", "drop", "-c", "probe:version; probe:rows; probe:words a 'b c' 1.50");
    assertThat(run.out())
        .startsWith("version 1.0.0\nworking\n")
        .containsPattern("a\\D+1\\D+b\\D+2") // as the best converter there is formats records
        .endsWith("[a, b c, 1.50]\n");
    assertThat(run.err()).isEqualTo("WARNING probe: a remark\n");
    assertThat(run.status()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          probe:fail    | 1 | error: it broke; badly
          probe:refuse  | 4 | error: address in use: /run/probe
          probe:versoin | 2 | error: unknown command 'probe:versoin'; nearest: probe:version
          """)
  @DisplayName("that fails says why in one line, runs nothing after it, and exits accordingly")
  void failsInOneLine(String command, int status, String message) throws Exception {
    ProbeJar.write(drop.resolve("probe.jar"), "1.0.0");
    Run run = launcher.run("--bundles", "drop", "-c", "echo before; " + command + "; echo after");
    assertThat(run.err()).isEqualTo(message + "\n");
    assertThat(run.out()).isEqualTo("before\n");
    assertThat(run.status()).isEqualTo(status);
  }

  @Test
  @DisplayName("of wrong syntax runs nothing at all")
  void refusesWrongSyntax() throws Exception {
    Run run = launcher.run("-c", "echo before; echo 'open");
    assertThat(run.err())
        .isEqualTo("error: syntax error: unexpected EOT looking for matching quote: '\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "handles bundles by id, symbolic name and path alike, and leaves the distribution be")
  void handlesBundles() throws Exception {
    ProbeJar.write(world.resolve("one.jar"), "1.0.0");
    ProbeJar.write(world.resolve("two.jar"), "2.0.0");
    String commands =
        """
        install one.jar; start aperture.arch.probe; probe:version
        update aperture.arch.probe two.jar; probe:version
        update aperture.arch.probe file:one.jar; probe:version
        uninstall aperture.arch.probe; stop org.eclipse.parsson; uninstall org.eclipse.parsson
        refresh; lb -s | grep -c nothing || echo gone
        """;
    Run run = launcher.run("-c", commands);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("version 1.0.0\nversion 2.0.0\nversion 1.0.0\n");
    Run next = launcher.run("-c", "lb -s | grep parsson");
    assertThat(next.out()).contains("|Active", "org.eclipse.parsson");
  }

  @Test
  @DisplayName("passes a subcommand's arguments on unread")
  void delegates() throws Exception {
    ProbeJar.write(drop.resolve("probe.jar"), "1.0.0");
    Run run = launcher.run("--bundles", "drop", "demo", "--image", "a; b", "$x", "'");
    assertThat(run.out()).isEqualTo("demo [--image, a; b, $x, ']\n");
    assertThat(run.status()).isZero();
  }

  @Test
  @DisplayName("ends with the code of exit, and runs nothing after it")
  void exits() throws Exception {
    Run run = launcher.run("-c", "echo before; exit 7; echo after");
    assertThat(run.out()).isEqualTo("before\n");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isEqualTo(7);
  }
}
