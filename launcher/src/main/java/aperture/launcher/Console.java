package aperture.launcher;

import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.osgi.framework.FrameworkUtil;

/**
 * The interactive shell: hands the terminal to the shell bundle and waits until it gives it back.
 *
 * <p>The bundle runs its shell on a thread of its own and, told not to stop the framework itself
 * (it would say so in its own words), lets that thread end when the user types Ctrl-D.
 */
final class Console {
  private static final String SHELL_THREAD = "Gogo shell";

  private final Host host;
  private final PrintStream out;

  Console(Host host, PrintStream out) {
    this.host = host;
    this.out = out;
  }

  /** Returns when the user has left. */
  int run() throws InterruptedException {
    AtomicInteger status = new AtomicInteger();
    IntConsumer exit =
        code -> {
          status.set(code);
          leave();
        };
    host.context()
        .registerService(
            IntConsumer.class, exit, FrameworkUtil.asDictionary(Map.of("aperture.shell", "exit")));
    out.print(Banner.text(host));
    out.flush();
    host.raise(StartLevels.SHELL);
    Optional<Thread> shell = shellThread();
    if (shell.isPresent()) {
      shell.get().join();
    }
    return status.get();
  }

  /**
   * Stops the framework from outside the command's thread, which stopping interrupts, and keeps
   * that thread until then so that no further prompt appears.
   */
  private void leave() {
    Thread.ofPlatform().name("exit").start(host::stop);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<Thread> shellThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(SHELL_THREAD))
        .findFirst();
  }
}
