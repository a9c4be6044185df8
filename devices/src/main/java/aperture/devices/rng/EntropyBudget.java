package aperture.devices.rng;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * How many bytes a guest may take in a period. Not thread-safe.
 *
 * <p>A request is never answered with nothing, and never waits longer than {@link #LONGEST_WAIT}: a
 * request in progress holds up whoever wants its buffer unmapped. So when the budget stays used up
 * for that long, the request gets one byte, borrowed from the next period.
 */
final class EntropyBudget {

  /** How a worker waits. */
  interface Waiter {
    /** Waits, no longer than the time given in nanoseconds. */
    void await(long nanos);
  }

  /** Nanoseconds. */
  static final long LONGEST_WAIT = 100_000_000;

  private final long bytes;
  private final long period;
  private final LongSupplier clock;
  private final Waiter waiter;
  private long left;
  private long periodStart;

  /**
   * @param bytes for each period
   * @param period nanoseconds
   * @param clock nanoseconds, monotonic
   */
  EntropyBudget(long bytes, long period, LongSupplier clock, Waiter waiter) {
    this.bytes = bytes;
    this.period = period;
    this.clock = clock;
    this.waiter = waiter;
    this.left = bytes;
    this.periodStart = clock.getAsLong();
  }

  static EntropyBudget of(long bytes, long period) {
    return new EntropyBudget(bytes, period, System::nanoTime, LockSupport::parkNanos);
  }

  /**
   * Takes bytes, waiting when there are none.
   *
   * @param wanted at least 1
   * @return at least 1, at most {@code wanted}
   */
  int take(int wanted) {
    long now = refill();
    long giveUp = now + LONGEST_WAIT;
    while (left <= 0 && now - giveUp < 0) {
      waiter.await(Math.min(giveUp, periodStart + period) - now);
      now = refill();
    }
    int taken = Math.clamp(left, 1, wanted);
    left -= taken;
    return taken;
  }

  private long refill() {
    long now = clock.getAsLong();
    long periods = (now - periodStart) / period;
    if (periods > 0) {
      periodStart += periods * period;
      // Nothing is saved up, but what was borrowed is paid back.
      left = Math.min(bytes, left + Math.min(periods, Long.MAX_VALUE / bytes / 2) * bytes);
    }
    return now;
  }
}
