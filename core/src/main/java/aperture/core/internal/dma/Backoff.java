package aperture.core.internal.dma;

import java.util.concurrent.locks.LockSupport;

/** Waits: first by spinning, then in short parks. */
final class Backoff {

  private static final int SPINS = 128;
  private static final long PARK_NANOS = 20_000;

  private Backoff() {}

  /**
   * Waits a little.
   *
   * @param round how often the caller has waited before
   */
  static void pause(int round) {
    if (round < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(PARK_NANOS);
    }
  }
}
