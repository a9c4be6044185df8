package aperture.itest.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** QEMU's own vhost-user-blk back end, which tells a fault of this laboratory from one of ours. */
final class StorageDaemon implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Process process;

  private StorageDaemon(Process process) {
    this.process = process;
  }

  /** Starts it; it listens on return. */
  static StorageDaemon start(Path image, Path socket, int queues) throws IOException {
    Path log = Path.of(socket + ".log");
    Process process =
        Children.start(
            new ProcessBuilder(
                    GuestTools.STORAGE_DAEMON.name(),
                    "--blockdev",
                    "driver=file,node-name=disk,discard=unmap,filename=" + image,
                    "--export",
                    "vhost-user-blk,id=disk,node-name=disk,writable=on,addr.type=unix,addr.path="
                        + socket
                        + ",num-queues="
                        + queues)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile()));
    Awaitility.await()
        .atMost(LIMIT)
        .failFast("it has ended, see " + log, () -> !process.isAlive())
        .until(() -> Files.exists(socket));
    return new StorageDaemon(process);
  }

  boolean alive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    Children.end(process);
  }
}
