package aperture.itest.guest;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Processes that tests have started: none of them outlives this JVM. */
final class Children {

  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();
  private static final long GRACE_SECONDS = 5;

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "children of tests"));
  }

  private Children() {}

  static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    RUNNING.add(process);
    return process;
  }

  /** Asks it to end, and makes it end; it is gone on return. */
  static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        kill(process);
      }
      RUNNING.remove(process);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** As {@code kill -9}; it is gone on return. */
  static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(process + " survives being killed");
    }
    RUNNING.remove(process);
  }
}
