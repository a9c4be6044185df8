package aperture.core.internal.device;

import aperture.admin.QueueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The workers of a device's live queues, by queue. Thread-safe. */
final class QueueWorkers {

  private final AtomicReferenceArray<@Nullable QueueWorker> workers;
  private final long[] pausedKicks;

  QueueWorkers(int queues) {
    workers = new AtomicReferenceArray<>(queues);
    pausedKicks = new long[queues];
  }

  void set(int queue, QueueWorker worker) {
    workers.set(queue, worker);
  }

  /** Rings a queue's doorbell; nobody hears it while the queue is not live. */
  void kick(int queue) {
    QueueWorker worker = queue >= 0 && queue < workers.length() ? workers.get(queue) : null;
    if (worker != null) {
      worker.kick();
    }
  }

  /** Nobody takes a new batch. */
  void stopAll() {
    for (int i = 0; i < workers.length(); i++) {
      QueueWorker worker = workers.get(i);
      if (worker != null) {
        worker.stopping();
      }
    }
  }

  /** Waits until every thread is gone, and forgets them. */
  void joinAll() {
    for (int i = 0; i < workers.length(); i++) {
      QueueWorker worker = workers.get(i);
      if (worker != null) {
        worker.join();
        workers.set(i, null);
      }
    }
  }

  /** Notifications are remembered from here on. */
  synchronized void countFromHere() {
    for (int i = 0; i < workers.length(); i++) {
      QueueWorker worker = workers.get(i);
      pausedKicks[i] = worker == null ? 0 : worker.kicks();
    }
  }

  /** Notifications since {@link #countFromHere}. */
  synchronized long remembered() {
    long remembered = 0;
    for (int i = 0; i < workers.length(); i++) {
      QueueWorker worker = workers.get(i);
      remembered += worker == null ? 0 : Math.max(0, worker.kicks() - pausedKicks[i]);
    }
    return remembered;
  }

  /** The queues, for people. */
  List<QueueInfo> records() {
    List<QueueInfo> records = new ArrayList<>();
    for (int i = 0; i < workers.length(); i++) {
      QueueWorker worker = workers.get(i);
      records.add(worker == null ? QueueInfo.disabled(i) : worker.info(i));
    }
    return records;
  }
}
