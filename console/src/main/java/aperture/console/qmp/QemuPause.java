package aperture.console.qmp;

import aperture.admin.ControlException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A guest that is stopped until this is closed. Closing continues it whatever has happened
 * meanwhile: to the connection, to whoever waits for it, or to the stop itself, whose answer may
 * have been lost.
 */
public final class QemuPause implements AutoCloseable {

  private static final String CONTINUE = "cont";

  private final Path socket;
  private final Duration limit;
  private final Qmp qmp;

  private QemuPause(Path socket, Duration limit, Qmp qmp) {
    this.socket = socket;
    this.limit = limit;
    this.qmp = qmp;
  }

  /**
   * Stops the guest.
   *
   * @param qmp a connection to {@code socket}; the pause's from now on, to close
   * @param limit for each answer, should another connection be needed
   */
  public static QemuPause begin(Path socket, Duration limit, Qmp qmp) throws ControlException {
    QemuPause pause = new QemuPause(socket, limit, qmp);
    try {
      var ignored = qmp.run("stop");
      return pause;
    } catch (ControlException | RuntimeException e) {
      try (pause) {
        throw e;
      }
    }
  }

  /** The connection, while the guest stands still. */
  public Qmp connection() {
    return qmp;
  }

  /**
   * Continues the guest.
   *
   * @throws ControlException when nothing helped; the message says that the guest stands still
   */
  @Override
  public void close() throws ControlException {
    boolean interrupted = Thread.interrupted(); // which would close the connection
    try (qmp) {
      var ignored = qmp.run(CONTINUE);
    } catch (ControlException first) {
      again(first);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void again(ControlException first) throws ControlException {
    try (Qmp fresh = Qmp.connect(socket, limit)) {
      var ignored = fresh.run(CONTINUE);
    } catch (ControlException second) {
      ControlException all =
          new ControlException(
              ControlException.Kind.FAILED,
              "the guest may still be stopped, continue it (command cont): %s; and then: %s"
                  .formatted(first.getMessage(), second.getMessage()),
              second);
      all.addSuppressed(first);
      throw all;
    }
  }
}
