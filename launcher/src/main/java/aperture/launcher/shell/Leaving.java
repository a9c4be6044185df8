package aperture.launcher.shell;

/** Thrown by {@code exit} in a batch: not a failure, but nothing after it may run. */
public final class Leaving extends RuntimeException {
  private final int status;

  Leaving(int status) {
    super("exit " + status, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }
}
