package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The end of the process, whichever comes first: the run itself, SIGINT or SIGTERM.
 *
 * <p>Bundles are stopped in order and a temporary folder is deleted in either case, and once.
 */
final class Ending {
  private final AtomicBoolean closed = new AtomicBoolean();
  private final boolean signalIsSuccess;
  private volatile @Nullable Storage storage;
  private volatile @Nullable Host host;

  private Ending(boolean signalIsSuccess) {
    this.signalIsSuccess = signalIsSuccess;
  }

  /**
   * @param signalIsSuccess for a service, which ends by signal as a rule
   */
  static Ending prepare(boolean signalIsSuccess) {
    Ending ending = new Ending(signalIsSuccess);
    Runtime.getRuntime().addShutdownHook(new Thread(ending::signalled, "ending"));
    return ending;
  }

  void owns(Storage taken) {
    storage = taken;
  }

  void owns(Host started) {
    host = started;
  }

  /** Whether the end has begun: from then on bundles go, and what runs in them may fail oddly. */
  boolean isUnderway() {
    return closed.get();
  }

  /** The regular end. */
  void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }

  private void signalled() {
    if (closed.compareAndSet(false, true)) {
      release();
      if (signalIsSuccess) {
        Runtime.getRuntime().halt(ExitCode.OK.number());
      }
    }
  }

  private void release() {
    Host running = host;
    if (running != null) {
      running.stop();
    }
    Storage used = storage;
    if (used != null) {
      used.close();
    }
  }
}
