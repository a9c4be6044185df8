package aperture.vhostuser.internal.session;

import aperture.served.QueueBell;
import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.sys.Poller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A queue's bell: the front end's kick, and one of our own to end a wait. Thread-safe. */
final class KickBell implements QueueBell, AutoCloseable {

  private static final Logger LOG = System.getLogger(KickBell.class.getName());

  /** A front end that does not kick is looked after this often. */
  private static final int POLL_MILLIS = 1;

  private final @Nullable Eventfd kick;
  private final Eventfd wake;
  private final Poller poller;

  /**
   * @param kick stays the caller's; null for a front end that does not kick
   */
  KickBell(@Nullable Eventfd kick) throws IOException {
    this.kick = kick;
    this.wake = Eventfd.create();
    this.poller = kick == null ? new Poller(wake.fd()) : new Poller(wake.fd(), kick.fd());
  }

  @Override
  public void await() {
    try {
      poller.await(kick == null ? POLL_MILLIS : Poller.FOREVER);
      wake.drain();
      if (kick != null) {
        kick.drain();
      }
    } catch (IOException e) {
      // A closed descriptor: the queue is about to be stopped.
      LOG.log(Level.DEBUG, "bell ended", e);
      Thread.onSpinWait();
    }
  }

  @Override
  public void wake() {
    try {
      wake.signal();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "bell is closed", e);
    }
  }

  /** Only when nobody waits any more. */
  @Override
  public void close() {
    wake.close();
  }
}
