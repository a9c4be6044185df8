package aperture.core.internal.served;

import aperture.admin.QueueInfo;
import aperture.core.internal.device.QueueWorker;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** One queue of a served device: the worker it has while it runs. */
final class ServedQueue {

  private final int index;
  private volatile @Nullable QueueWorker worker;
  private volatile Runnable interrupt = () -> {};

  ServedQueue(int index) {
    this.index = index;
  }

  void start(QueueWorker newWorker, Runnable newInterrupt) {
    interrupt = newInterrupt;
    worker = newWorker;
    newWorker.start();
  }

  boolean running() {
    return worker != null;
  }

  /** Takes no new batch; does not wait. */
  void stopping() {
    QueueWorker current = worker;
    if (current != null) {
      current.stopping();
    }
  }

  /** Waits for the worker, which finishes what it took; says where it stopped. */
  OptionalInt stop() {
    QueueWorker current = worker;
    if (current == null) {
      return OptionalInt.empty();
    }
    current.stopping();
    current.join();
    worker = null;
    return OptionalInt.of(current.position().lastAvailable());
  }

  void interrupt() {
    interrupt.run();
  }

  QueueInfo info() {
    QueueWorker current = worker;
    return current == null ? QueueInfo.disabled(index) : current.info(index);
  }
}
