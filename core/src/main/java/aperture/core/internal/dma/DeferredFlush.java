package aperture.core.internal.dma;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees to it that what a table driver put off is done a while after the first of it, whether or not
 * anybody calls the driver again. Nothing runs while nothing is put off.
 */
final class DeferredFlush {

  private static final long WHILE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Runnable flush;
  private final AtomicBoolean due = new AtomicBoolean();

  /**
   * @param flush what to do; called by a thread of its own that holds nothing
   */
  DeferredFlush(Runnable flush) {
    this.flush = flush;
  }

  /** Something was put off. */
  void schedule() {
    if (due.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("aperture-flush")
          .inheritInheritableThreadLocals(false)
          .start(this::run);
    }
  }

  private void run() {
    long end = System.nanoTime() + WHILE_NANOS;
    for (long left = WHILE_NANOS; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    // Before the flush: what is put off from here on has a flush of its own.
    due.set(false);
    flush.run();
  }
}
