package aperture.core.internal.dma;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lock of an IOMMU, and the faults that its hardware has still to record. A worker that reports
 * a fault never waits for the lock: its holder may be waiting for a lease that only this worker can
 * release. Whoever lets go of the lock records what came meanwhile.
 */
final class FaultReports extends ReentrantLock {

  private static final long serialVersionUID = 1L;

  /** As many as can wait; a fault beyond is logged without its place in the hardware's records. */
  private static final int LIMIT = 64;

  private final transient BlockingQueue<Report> waiting = new ArrayBlockingQueue<>(LIMIT);
  private final transient Consumer<Report> recorder;

  /** A fault of an endpoint. */
  record Report(Endpoint endpoint, IommuFault fault) {}

  /**
   * @param recorder called with the lock held
   */
  FaultReports(Consumer<Report> recorder) {
    this.recorder = recorder;
  }

  /**
   * Hands a fault in; it is recorded at once when the lock is free.
   *
   * @return false when too many wait
   */
  boolean report(Endpoint endpoint, IommuFault fault) {
    boolean taken = waiting.offer(new Report(endpoint, fault));
    recordWaiting();
    return taken;
  }

  @Override
  public void unlock() {
    super.unlock();
    recordWaiting();
  }

  /** Looks again after each round: a report may find the lock taken just before it is let go. */
  private void recordWaiting() {
    while (!waiting.isEmpty() && !isHeldByCurrentThread() && tryLock()) {
      try {
        for (Report next = take(); next != null; next = take()) {
          recorder.accept(next);
        }
      } finally {
        super.unlock();
      }
    }
  }

  private @Nullable Report take() {
    return waiting.poll();
  }
}
