package aperture.core.internal.device;

import aperture.served.QueueBell;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The bell of a queue whose driver is a thread of this process. */
final class ParkingBell implements QueueBell {

  private volatile boolean rung;
  private volatile @Nullable Thread waiting;

  @Override
  public void await() throws InterruptedException {
    waiting = Thread.currentThread();
    while (!rung) {
      LockSupport.park(this);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    // Whoever rings from here on is met by the poll that follows.
    rung = false;
  }

  @Override
  public void wake() {
    rung = true;
    Thread sleeper = waiting;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }
}
