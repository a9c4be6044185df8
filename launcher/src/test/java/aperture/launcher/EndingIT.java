package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("What a run leaves behind")
class EndingIT {
  @TempDir Path world;
  private Launcher launcher;

  @BeforeEach
  void settle() throws Exception {
    launcher = new Launcher(world);
    ProbeJar.write(Files.createDirectories(world.resolve("drop")).resolve("probe.jar"), "1.0.0");
  }

  @Test
  @DisplayName("is nothing, even when SIGTERM ends it in the middle of a command")
  void isNothingAfterTerm() throws Exception {
    Process process = launcher.start("--bundles", "drop", "-c", "probe:halt");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("waiting");
      assertThat(launcher.leftovers()).hasSize(1);
      process.toHandle().destroy(); // destroy() would close the streams as well
      assertThat(process.waitFor()).isEqualTo(143);
    }
    assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEmpty();
    assertThat(launcher.leftovers()).isEmpty();
  }

  @Test
  @DisplayName("is success when a service is told to end, since that is how services end")
  void serviceEndsWell() throws Exception {
    Process process = launcher.start("--bundles", "drop", "serve", "blk");
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("serving [blk]");
      process.toHandle().destroy();
      assertThat(process.waitFor()).isZero();
    }
    assertThat(launcher.leftovers()).isEmpty();
  }

  @Test
  @DisplayName("stays with --data: what was uninstalled stays away, what was added stays")
  void persistsWithData() throws Exception {
    Run first =
        launcher.run(
            "--data",
            "d",
            "-c",
            "uninstall org.eclipse.parsson; start drop/probe.jar; probe:version");
    assertThat(first.status()).isZero();
    Run second = launcher.run("--data", "d", "-c", "probe:version; lb -s | grep parsson");
    assertThat(second.out()).isEqualTo("version 1.0.0\n");
    assertThat(second.status()).isEqualTo(1);
    assertThat(world.resolve("d")).isDirectory();
  }

  @Test
  @DisplayName("with --data includes settings in its own etc folder")
  void readsSettings() throws Exception {
    Files.writeString(
        Files.createDirectories(world.resolve("d/etc")).resolve("some.pid.cfg"), "key = value\n");
    Run run = launcher.run("--data", "d", "-c", "(cm:getConfiguration some.pid null) properties");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).containsPattern("key +value");
  }

  @Test
  @DisplayName("with --data is one process's at a time")
  void isLocked() throws Exception {
    Process first = launcher.start("--bundles", "drop", "--data", "d", "-c", "probe:halt");
    try (BufferedReader out = first.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("waiting");
      Run second = launcher.run("--data", "d", "-c", "lb");
      assertThat(second.status()).isEqualTo(4);
      assertThat(second.err())
          .isEqualTo("error: --data d is in use by process " + first.pid() + "\n");
      assertThat(second.out()).isEmpty();
    } finally {
      first.destroy();
      first.waitFor();
    }
  }
}
