package aperture.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The assembled distribution, started by its script in a world of its own. */
final class Launcher {
  private static final Path SCRIPT = Path.of("aperture").toAbsolutePath();

  private final Path world;
  private final Path temporary;

  /**
   * @param world an empty folder: current folder and home; temporary files go below it
   */
  Launcher(Path world) throws Exception {
    this.world = world;
    this.temporary = Files.createDirectories(world.resolve("tmp"));
  }

  Path world() {
    return world;
  }

  /** Runs to the end, without input. */
  Run run(String... arguments) throws Exception {
    return Run.of(this::surround, "", SCRIPT, arguments);
  }

  /** Runs the console on lines of input instead of a terminal. */
  Run type(String input, String... arguments) throws Exception {
    return Run.of(this::surround, input, SCRIPT, arguments);
  }

  /** Starts without waiting for the end. */
  Process start(String... arguments) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(Stream.of(SCRIPT.toString()), Stream.of(arguments)).toList());
    surround(builder);
    return builder.start();
  }

  /** Runs the console on a pseudo-terminal, typing. */
  Run onTerminal(String typed) throws Exception {
    return Run.of(
        builder -> {
          surround(builder);
          builder.environment().put("TERM", "xterm-256color");
        },
        typed,
        Path.of("script"),
        "-qec",
        "stty cols 100 rows 40; exec '" + SCRIPT + "'",
        "/dev/null");
  }

  /** What a run has left behind among the temporary files. */
  List<Path> leftovers() throws Exception {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.filter(file -> file.getFileName().toString().startsWith("aperture-")).toList();
    }
  }

  private void surround(ProcessBuilder builder) {
    builder.directory(world.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("HOME", world.toString());
    builder.environment().put("TMPDIR", temporary.toString());
  }
}
