package aperture.guest.fake;

import aperture.dma.DmaSession;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DeviceQueue;
import aperture.virtqueue.PollResult;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.VirtqueueConfig;
import aperture.virtqueue.Virtqueues;
import java.util.concurrent.locks.LockSupport;

/** Serves one queue of a test device. */
final class FakeWorker implements Runnable {

  private static final int BATCH = 8;

  private final FakeDevice device;
  private final int index;
  private final DmaSession session;
  private final DeviceQueue queue;
  private final ChainBatch batch;
  private final Thread thread;
  private volatile boolean kicked;
  private volatile boolean ended;

  FakeWorker(
      FakeDevice device,
      int index,
      VirtqueueConfig config,
      DmaSession session,
      RingFeatures features) {
    this.device = device;
    this.index = index;
    this.session = session;
    try {
      this.queue = Virtqueues.splitDevice(config, session, features);
    } catch (QueueConfigurationException e) {
      throw new IllegalStateException(e);
    }
    this.batch = new ChainBatch(BATCH, session.memory());
    this.thread = Thread.ofPlatform().daemon().name("device-" + index).unstarted(this);
  }

  void start() {
    thread.start();
  }

  void kick() {
    kicked = true;
    LockSupport.unpark(thread);
  }

  void end() {
    ended = true;
    LockSupport.unpark(thread);
  }

  void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void run() {
    while (!ended) {
      kicked = false;
      if (device.held() || !serve()) {
        while (!kicked && !ended) {
          LockSupport.park(this);
        }
      }
    }
  }

  /** Serves what is available; false when there is nothing more. */
  private boolean serve() {
    session.begin();
    PollResult result = queue.poll(batch);
    if (result == PollResult.FAULT) {
      device.breakDown();
      return false;
    }
    if (result != PollResult.CHAINS) {
      boolean more = queue.enableNotifications();
      session.end();
      return more;
    }
    queue.disableNotifications();
    session.hold();
    for (int i = 0; i < batch.size(); i++) {
      device.serve(batch.chain(i));
    }
    boolean interrupt = queue.publish(batch);
    session.end();
    if (interrupt) {
      device.interrupt(index);
    }
    return true;
  }
}
