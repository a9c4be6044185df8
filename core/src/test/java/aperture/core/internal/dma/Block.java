package aperture.core.internal.dma;

import aperture.testkit.Worker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A place in a behaviour's code where the first thread that comes by stays until it is let go. */
final class Block implements Runnable {

  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  @Override
  public void run() {
    entered.countDown();
    await(released);
  }

  void awaitEntered() {
    await(entered);
  }

  void release() {
    released.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(Worker.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
