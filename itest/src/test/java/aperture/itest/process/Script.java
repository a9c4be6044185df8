package aperture.itest.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The shipped script in a world of its own: current folder, home and temporary files. */
final class Script {

  private static final Path SCRIPT =
      Path.of(System.getProperty("aperture.script")).toAbsolutePath().normalize();
  private static final long LIMIT_SECONDS = 180;

  private final Path world;
  private final Path temporary;

  Script(Path world) throws IOException {
    this.world = world;
    this.temporary = Files.createDirectories(world.resolve("tmp"));
  }

  Path world() {
    return world;
  }

  /** A disk image of random content. */
  Path image(String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new SplittableRandom(bytes).nextBytes(content);
    return Files.write(world.resolve(name), content);
  }

  /** Runs to its end, without input. */
  Result run(String... arguments) throws Exception {
    return end(start(arguments), "");
  }

  /** Runs with lines of input instead of a terminal. */
  Result type(String input, String... arguments) throws Exception {
    return end(start(arguments), input);
  }

  Process start(String... arguments) throws IOException {
    return start(Stream.concat(Stream.of(SCRIPT.toString()), Stream.of(arguments)).toList());
  }

  /** Runs on a pseudo-terminal that util-linux makes, typing. */
  Result onTerminal(String typed) throws Exception {
    return end(
        start(
            List.of("script", "-qec", "stty cols 160 rows 50; exec '" + SCRIPT + "'", "/dev/null")),
        typed);
  }

  /** Starts another program in this world. */
  Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(world.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("HOME", world.toString());
    builder.environment().put("TMPDIR", temporary.toString());
    builder.environment().put("TERM", "xterm-256color");
    return builder.start();
  }

  /** What a run has left behind among the temporary files. */
  List<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.filter(file -> file.getFileName().toString().startsWith("aperture")).toList();
    }
  }

  /** Feeds a process its input and waits for its end. */
  static Result end(Process process, String input) throws Exception {
    CompletableFuture<String> out = read(process.getInputStream());
    CompletableFuture<String> err = read(process.getErrorStream());
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // it ended without reading all of its input, which is its right
    }
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
      all.add(process.toHandle());
      all.forEach(ProcessHandle::destroyForcibly);
      throw new AssertionError("still running after " + LIMIT_SECONDS + " s");
    }
    return new Result(out.get(), err.get(), process.exitValue());
  }

  private static CompletableFuture<String> read(InputStream stream) {
    return CompletableFuture.supplyAsync(() -> {
      try (stream) {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }
}
