package aperture.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process that serves an image over vhost-user: ours, or the peer's. */
final class DiskServer implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(30);

  private final Process process;
  private final Path socket;

  private DiskServer(Path socket, List<String> command) throws Exception {
    this.socket = socket;
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .start();
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.exists(socket)) {
      if (!process.isAlive() || System.nanoTime() - deadline > 0) {
        process.destroyForcibly();
        throw new IOException("does not serve: " + String.join(" ", command));
      }
      Thread.sleep(Duration.ofMillis(20));
    }
  }

  static DiskServer ours(Path directory, Path image) throws Exception {
    Path socket = directory.resolve("ours.sock");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ServeDisk.class.getName(), socket.toString(), image.toString()));
    return new DiskServer(socket, command);
  }

  static DiskServer storageDaemon(Path directory, Path image) throws Exception {
    Path socket = directory.resolve("peer.sock");
    return new DiskServer(
        socket,
        List.of(
            "qemu-storage-daemon",
            "--blockdev",
            "driver=file,node-name=f,aio=threads,filename=" + image,
            "--export",
            "type=vhost-user-blk,id=e,node-name=f,addr.type=unix,addr.path="
                + socket
                + ",writable=on"));
  }

  Path socket() {
    return socket;
  }

  /** Processor time of the process so far, in nanoseconds. */
  long cpuNanos() throws IOException {
    long sum = 0;
    try (var tasks = Files.newDirectoryStream(Path.of("/proc", "" + process.pid(), "task"))) {
      for (Path task : tasks) {
        String text = Files.readString(task.resolve("schedstat"));
        sum += Long.parseLong(text.substring(0, text.indexOf(' ')));
      }
    }
    return sum;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(START_LIMIT)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
