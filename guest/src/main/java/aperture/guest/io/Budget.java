package aperture.guest.io;

import java.util.concurrent.atomic.AtomicLong;

/** How many requests a job may still make, shared by its pumps. Thread-safe. */
final class Budget {

  private final boolean unlimited;
  private final AtomicLong left;

  /**
   * @param requests 0 for no limit
   */
  Budget(long requests) {
    unlimited = requests == 0;
    left = new AtomicLong(requests);
  }

  boolean take() {
    if (unlimited) {
      return true;
    }
    if (left.decrementAndGet() >= 0) {
      return true;
    }
    left.incrementAndGet();
    return false;
  }

  void giveBack() {
    if (!unlimited) {
      left.incrementAndGet();
    }
  }
}
