package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script in a world of make-believe JDKs, each of which only says who it is. */
@DisplayName("The script")
class ScriptTest {
  private static final Path SCRIPT = Path.of("aperture").toAbsolutePath();

  @TempDir Path world;
  private Path script;

  @BeforeEach
  void buildAWorld() throws IOException {
    Path launcher = Files.createDirectories(world.resolve("launcher"));
    script = Files.copy(SCRIPT, launcher.resolve("aperture"));
    Files.createDirectories(launcher.resolve("target/aperture/etc"));
    Files.createFile(launcher.resolve("target/aperture/aperture.jar"));
    Files.createDirectories(world.resolve("jvms"));
  }

  @Test
  @DisplayName("prefers JAVA_HOME when that is new enough")
  void prefersJavaHome() throws Exception {
    Path home = jdk("home", "26.0.1");
    jdk("jvms/jdk-25", "25.0.3");
    Run run = run(Map.of("JAVA_HOME", home.toString()), "-c", "a b");
    assertThat(run.out()).startsWith("home ").contains("-jar").endsWith("aperture.jar -c a b\n");
    assertThat(run.status()).isZero();
  }

  @Test
  @DisplayName("passes over a JAVA_HOME that is too old, and takes java on PATH, links followed")
  void takesJavaOnPath() throws Exception {
    Path old = jdk("old", "17.0.1");
    Path real = jdk("real", "25");
    Path bin = Files.createDirectories(world.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("java"), real.resolve("bin/java"));
    Run run = run(Map.of("JAVA_HOME", old.toString(), "PATH", bin + ":/usr/bin:/bin"));
    assertThat(run.out()).startsWith("real ");
  }

  @Test
  @DisplayName("looks through the installed JDKs last, and there takes 25 before anything newer")
  void looksThroughInstalled() throws Exception {
    jdk("jvms/a-26", "26");
    jdk("jvms/b-17", "17.0.9");
    jdk("jvms/c-25", "25.0.1");
    Path old = jdk("old", "21");
    Run run = run(Map.of("JAVA_HOME", old.toString(), "PATH", old + "/bin:/usr/bin:/bin"));
    assertThat(run.out()).startsWith("c-25 ");
  }

  @Test
  @DisplayName("says in one line what it wants and what it found instead, and exits with 3")
  void saysWhatIsMissing() throws Exception {
    Path old = jdk("old", "17.0.1");
    Path none = Files.createDirectories(world.resolve("none"));
    Run run = run(Map.of("JAVA_HOME", none.toString(), "PATH", old + "/bin:/usr/bin:/bin"));
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith("aperture: needs JDK 25 or later: none in " + world.resolve("jvms"))
        .contains("JAVA_HOME (" + none + ") is no JDK", "java on PATH (" + old + ") is 17");
  }

  @Test
  @DisplayName("asks a JVM without a release file for its version")
  void asksTheJvm() throws Exception {
    Path home = jdk("home", "25");
    Files.delete(home.resolve("release"));
    assertThat(run(Map.of("JAVA_HOME", home.toString())).out()).startsWith("home ");
  }

  @Test
  @DisplayName("says in one line that nothing has been built, and exits with 3")
  void saysWhatToBuild() throws Exception {
    Files.delete(world.resolve("launcher/target/aperture/aperture.jar"));
    Run run = run(Map.of());
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith("aperture: not built: ")
        .contains("run 'mvn -pl launcher -am package'");
  }

  @Test
  @DisplayName("finds its folder through links, with spaces in the path")
  void followsLinks() throws Exception {
    Path home = jdk("home", "25");
    Path spaced = Files.move(world.resolve("launcher"), world.resolve("the launcher"));
    Path link = Files.createSymbolicLink(world.resolve("ap"), spaced.resolve("aperture"));
    script = Files.createSymbolicLink(world.resolve("ap2"), link.getFileName());
    Run run = run(Map.of("JAVA_HOME", home.toString()));
    assertThat(run.out()).startsWith("home ").contains("the launcher/target/aperture/aperture.jar");
  }

  @Test
  @DisplayName("uses the class archive only where the build left one")
  void usesTheArchive() throws Exception {
    Path home = jdk("home", "25");
    assertThat(run(Map.of("JAVA_HOME", home.toString())).out()).doesNotContain("SharedArchive");
    Files.createFile(world.resolve("launcher/target/aperture/aperture.jsa"));
    assertThat(run(Map.of("JAVA_HOME", home.toString())).out())
        .contains(
            "-XX:SharedArchiveFile=" + world.resolve("launcher/target/aperture/aperture.jsa"));
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = world.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Path java = home.resolve("bin/java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        [ "$1" = -version ] && { echo 'openjdk version "%s" 2025-09-16' >&2; exit; }
        echo %s "$@"
        """
            .formatted(version, home.getFileName()));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  private Run run(Map<String, String> environment, String... arguments) throws Exception {
    return Run.of(
        builder -> {
          builder.environment().put("PATH", "/usr/bin:/bin");
          builder.environment().remove("JAVA_HOME");
          builder.environment().put("APERTURE_JVMS", world.resolve("jvms").toString());
          builder.environment().putAll(environment);
        },
        "",
        script,
        arguments);
  }
}
