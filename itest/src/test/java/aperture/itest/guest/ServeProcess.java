package aperture.itest.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code launcher/aperture serve}, a process of its own: one disk. Closed, it is gone. */
final class ServeProcess implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String READY = "ready: ";

  private final Process process;
  private final String line;

  private ServeProcess(Process process, String line) {
    this.process = process;
    this.line = line;
  }

  /**
   * Starts it; front ends may connect on return.
   *
   * @param folder its current folder
   * @param options besides socket and image
   */
  static ServeProcess start(Path folder, Path socket, Path image, List<String> options)
      throws IOException, InterruptedException {
    String[] words =
        Stream.concat(
                Stream.of(
                    "serve", "blk", "--socket-path", socket.toString(), "--blk-file", image + ""),
                options.stream())
            .toArray(String[]::new);
    Process process = Children.start(ServingConsole.builder(folder, words));
    String line =
        new ProcessOutput(process.getInputStream(), "server")
            .await(
                "readiness",
                text ->
                    text.startsWith(READY)
                        ? Optional.of(text.substring(READY.length()))
                        : Optional.empty(),
                LIMIT);
    return new ServeProcess(process, line);
  }

  /** QEMU's command line that matches, as it was printed. */
  String line() {
    return line;
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    Children.kill(process);
  }

  /** Asks it to end; its status. */
  int end() {
    Children.end(process);
    return process.exitValue();
  }

  @Override
  public void close() {
    Children.end(process);
  }
}
