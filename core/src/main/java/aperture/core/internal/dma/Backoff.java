package aperture.core.internal.dma;

import java.util.concurrent.locks.LockSupport;

/** Waits a little longer each time: spin, yield, then short parks. */
final class Backoff {

  private static final int SPINS = 64;
  private static final int YIELDS = 128;
  private static final long PARK_NANOS = 20_000;

  private int rounds;

  void pause() {
    if (rounds < SPINS) {
      Thread.onSpinWait();
    } else if (rounds < YIELDS) {
      Thread.yield();
    } else {
      LockSupport.parkNanos(PARK_NANOS);
    }
    rounds++;
  }
}
