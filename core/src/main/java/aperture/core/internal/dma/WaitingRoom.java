package aperture.core.internal.dma;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Where the workers of an IOMMU wait: for its gate to open, and for answers. Thread-safe. */
final class WaitingRoom {

  private volatile long answers;
  private int parked;

  /** Parks a worker until the gate is open or its session may not wait any longer. */
  synchronized void awaitGrant(WorkerSession session, BooleanSupplier open)
      throws InterruptedException {
    parked++;
    try {
      while (!open.getAsBoolean() && !session.mayNotWait()) {
        wait();
      }
    } finally {
      parked--;
      notifyAll();
    }
  }

  /**
   * Opens the gate for those who wait.
   *
   * @return how many they are
   */
  synchronized int open(Runnable gate) {
    gate.run();
    notifyAll();
    return parked;
  }

  /** Waits until workers that were parked have left, at most {@code nanos}. */
  void awaitResumed(long nanos) {
    try {
      awaitEmpty(System.nanoTime() + nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void awaitEmpty(long deadline) throws InterruptedException {
    while (parked > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  /** Answers that walks were pending for, so far. */
  long answers() {
    return answers;
  }

  /** Another one has come. */
  synchronized void answered() {
    answers = answers + 1;
    notifyAll();
  }

  /** Parks a worker until another answer came, or its session may not wait any longer. */
  synchronized void awaitAnswer(WorkerSession session, long since) throws InterruptedException {
    while (answers == since && !session.mayNotWait()) {
      wait();
    }
  }

  /** Has everybody look again whether he may wait. */
  synchronized void wake() {
    notifyAll();
  }
}
