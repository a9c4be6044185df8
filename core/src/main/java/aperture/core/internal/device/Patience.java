package aperture.core.internal.device;

/**
 * How long a worker polls an empty ring before it waits for the bell: longer where chains come soon
 * after the last ones, hardly at all where they do not. Belongs to one worker.
 */
final class Patience {

  /** About what a wake-up costs. */
  private static final long LEAST_NANOS = 2_000;

  private static final long MOST_NANOS = 50_000;

  private long budget = LEAST_NANOS;
  private long emptySince;
  private boolean empty;

  /** Chains were found. */
  void found() {
    empty = false;
  }

  /**
   * Nothing was found.
   *
   * @return whether to look again rather than wait
   */
  boolean lookAgain() {
    long now = System.nanoTime();
    if (!empty) {
      empty = true;
      emptySince = now;
    }
    return now - emptySince < budget;
  }

  /** A wait for the bell is over. */
  void waited() {
    long idle = System.nanoTime() - emptySince;
    budget =
        idle < MOST_NANOS ? Math.min(2 * budget, MOST_NANOS) : Math.max(budget / 2, LEAST_NANOS);
    empty = false;
  }
}
