package aperture.core.internal.device;

import aperture.admin.QueueInfo;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.DmaSession;
import aperture.served.QueueBell;
import aperture.served.QueueJournal;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DeviceQueue;
import aperture.virtqueue.PollResult;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.QueueFault;
import aperture.virtqueue.QueueState;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.VirtqueueConfig;
import aperture.virtqueue.Virtqueues;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * The thread of one live queue: polls, has the device serve, uses, interrupts. Polls a little while
 * when the ring runs empty, then asks for a notification and waits for the bell.
 */
public final class QueueWorker implements Runnable {

  private static final int BATCH = 32;

  private final WorkerHost device;
  private final int index;
  private final DmaSession session;
  private final DeviceQueue queue;
  private final ChainBatch batch;
  private final QueueBell bell;
  private final QueueJournal journal;
  private final Patience patience = new Patience();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile String state = "idle";
  private final LongAdder kicks = new LongAdder();
  private final LongAdder interrupts = new LongAdder();
  private boolean listening = true;

  private QueueWorker(
      WorkerHost device,
      int index,
      DmaSession session,
      DeviceQueue queue,
      QueueBell bell,
      QueueJournal journal) {
    this.device = device;
    this.index = index;
    this.session = session;
    this.queue = queue;
    this.bell = bell;
    this.journal = journal;
    this.batch = new ChainBatch(BATCH, session.memory());
    this.thread =
        // No inheritance: the thread of whoever starts the driver may belong to another bundle.
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name(device.id() + "-queue-" + index)
            .unstarted(this);
  }

  /**
   * Activates a queue.
   *
   * @param bell how it hears of chains
   * @param journal told about each batch
   * @throws QueueConfigurationException naming the field that is wrong
   */
  public static QueueWorker activate(
      WorkerHost device,
      int index,
      EndpointDma dma,
      VirtqueueConfig config,
      RingFeatures features,
      QueueBell bell,
      QueueJournal journal)
      throws QueueConfigurationException {
    DmaSession session = dma.openSession();
    try {
      DeviceQueue queue = Virtqueues.splitDevice(config, session, features);
      EndpointDma.pin(session, rings(config));
      return new QueueWorker(device, index, session, queue, bell, journal);
    } catch (QueueConfigurationException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** First and last address of each ring, generously: what an invalidation must not overlook. */
  private static long[] rings(VirtqueueConfig config) {
    QueueAddresses at = config.addresses();
    long size = config.size();
    return new long[] {
      at.descriptors(), at.descriptors() + 16 * size - 1,
      at.driver(), at.driver() + 2 * size + 5,
      at.device(), at.device() + 8 * size + 5,
    };
  }

  public void start() {
    thread.start();
  }

  void kick() {
    kicks.increment();
    bell.wake();
  }

  /** Takes no new batch. */
  public void stopping() {
    stopping = true;
    session.close();
    bell.wake();
  }

  /** Waits until the thread is gone; the calling worker itself is not waited for. */
  public void join() {
    if (thread.equals(Thread.currentThread())) {
      return;
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Notifications so far. */
  long kicks() {
    return kicks.sum();
  }

  /** Where the queue stands. */
  public QueueState position() {
    return queue.state();
  }

  public QueueInfo info(int number) {
    QueueState at = queue.state();
    return new QueueInfo(
        number,
        at.size(),
        state,
        at.lastAvailable(),
        at.used(),
        at.inFlight(),
        at.chains(),
        kicks.sum(),
        interrupts.sum());
  }

  @Override
  public void run() {
    try {
      loop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      // A mapping that went away shows as an InternalError, a bundle that did as a LinkageError;
      // whatever it is, it is this device's. Offline at once: others may wait for this worker.
      session.end();
      device.hostFailure(index, e);
    } finally {
      state = device.isBroken() ? "broken" : "idle";
      session.close();
    }
  }

  private void loop() throws InterruptedException {
    while (!stopping) {
      if (!session.begin()) {
        state = "parked";
        session.awaitGrant();
        continue;
      }
      PollResult found = queue.poll(batch);
      switch (found) {
        case CHAINS -> serve();
        case EMPTY -> waitForMore();
        case RESTART -> {
          session.end();
          session.awaitAnswer();
        }
        case REVOKED -> session.end();
        case FAULT -> {
          session.end();
          fail();
          return;
        }
      }
    }
  }

  private void serve() {
    state = "running";
    if (listening) {
      queue.disableNotifications();
      listening = false;
    }
    patience.found();
    journal.taken(batch);
    session.hold();
    device.process(index, batch);
    journal.finished(batch, usedIndexBehind(batch));
    boolean interrupt = queue.publish(batch);
    journal.usedRingWritten(queue.usedRing());
    journal.published();
    session.end();
    if (interrupt) {
      interrupts.increment();
      device.interrupt(index);
    }
  }

  private int usedIndexBehind(ChainBatch served) {
    int completed = 0;
    for (int i = 0; i < served.size(); i++) {
      completed += served.chain(i).isCompleted() ? 1 : 0;
    }
    return queue.usedIndex() + completed & 0xffff;
  }

  private void waitForMore() throws InterruptedException {
    if (patience.lookAgain()) {
      session.end();
      Thread.onSpinWait();
      return;
    }
    boolean more = queue.enableNotifications();
    journal.usedRingWritten(queue.usedRing());
    listening = true;
    session.end();
    if (!more && !stopping) {
      state = "idle";
      bell.await();
      patience.waited();
    }
  }

  private void fail() {
    Optional<QueueFault> fault = queue.fault();
    device.broken(
        index,
        fault.orElseGet(
            () -> QueueFault.of(QueueFault.Kind.HOST, -1, -1, "the queue broke without a cause")));
  }
}
