package aperture.core.internal.device;

import aperture.admin.QueueInfo;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.DmaSession;
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
import java.util.concurrent.locks.LockSupport;

/**
 * The thread of one live queue: polls, has the device serve, uses, interrupts. Polls a little while
 * when the ring runs empty, then asks for a notification and parks.
 */
final class QueueWorker implements Runnable {

  private static final int BATCH = 32;

  /** Empty polls before parking: some microseconds, about what a wake-up costs. */
  private static final int EMPTY_POLLS = 64;

  private final DeviceEngine device;
  private final int index;
  private final DmaSession session;
  private final DeviceQueue queue;
  private final ChainBatch batch;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean kicked;
  private volatile String state = "idle";
  private final LongAdder kicks = new LongAdder();
  private final LongAdder interrupts = new LongAdder();
  private boolean listening = true;

  private QueueWorker(DeviceEngine device, int index, DmaSession session, DeviceQueue queue) {
    this.device = device;
    this.index = index;
    this.session = session;
    this.queue = queue;
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
   * @throws QueueConfigurationException naming the field that is wrong
   */
  static QueueWorker activate(
      DeviceEngine device,
      int index,
      EndpointDma dma,
      VirtqueueConfig config,
      RingFeatures features)
      throws QueueConfigurationException {
    DmaSession session = dma.openSession();
    try {
      DeviceQueue queue = Virtqueues.splitDevice(config, session, features);
      EndpointDma.pin(session, rings(config));
      return new QueueWorker(device, index, session, queue);
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

  void start() {
    thread.start();
  }

  void kick() {
    kicks.increment();
    kicked = true;
    LockSupport.unpark(thread);
  }

  /** Takes no new batch. */
  void stopping() {
    stopping = true;
    session.close();
    LockSupport.unpark(thread);
  }

  /** Waits until the thread is gone; the calling worker itself is not waited for. */
  void join() {
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

  QueueInfo info(int number) {
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
    int empty = 0;
    while (!stopping) {
      if (!session.begin()) {
        state = "parked";
        session.awaitGrant();
        continue;
      }
      kicked = false;
      PollResult found = queue.poll(batch);
      switch (found) {
        case CHAINS -> {
          serve();
          empty = 0;
        }
        case EMPTY -> empty = waitForMore(empty);
        case RESTART, REVOKED -> session.end();
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
    session.hold();
    device.process(index, batch);
    boolean interrupt = queue.publish(batch);
    session.end();
    if (interrupt) {
      interrupts.increment();
      device.interrupt(index);
    }
  }

  private int waitForMore(int empty) {
    if (empty < EMPTY_POLLS) {
      session.end();
      Thread.onSpinWait();
      return empty + 1;
    }
    boolean more = queue.enableNotifications();
    listening = true;
    session.end();
    if (!more) {
      state = "idle";
      while (!kicked && !stopping) {
        LockSupport.park(this);
      }
    }
    return 0;
  }

  private void fail() {
    Optional<QueueFault> fault = queue.fault();
    device.broken(
        index,
        fault.orElseGet(
            () -> QueueFault.of(QueueFault.Kind.HOST, -1, -1, "the queue broke without a cause")));
  }
}
