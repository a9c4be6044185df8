package aperture.vhostuser.internal.session;

import aperture.vhostuser.internal.wire.BackEndRequest;
import aperture.vhostuser.internal.wire.Channel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Semaphore;

/**
 * Tells the front end that the configuration changed, on a thread of its own: whoever changes it
 * holds locks of the device, and a front end may leave its socket unread. Changes that were not
 * told yet are told as one, for the front end reads what is true by then.
 */
final class ConfigNews implements AutoCloseable {

  private static final Logger LOG = System.getLogger(ConfigNews.class.getName());
  private static final byte[] NO_PAYLOAD = {};

  private final String device;
  private final Channel channel;
  private final Semaphore changes = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param device its name, for the thread
   */
  ConfigNews(String device, Channel channel) {
    this.device = device;
    this.channel = channel;
    thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name(device + "-config")
            .unstarted(this::run);
    thread.start();
  }

  /** The configuration changed. Never waits. */
  void changed() {
    changes.release();
  }

  private void run() {
    while (!closed) {
      try {
        changes.acquire();
        changes.drainPermits();
        channel.tell(BackEndRequest.CONFIG_CHANGE, NO_PAYLOAD);
      } catch (InterruptedException e) {
        // Only close interrupts; the loop's condition sees it.
      } catch (IOException e) {
        if (!closed) {
          LOG.log(
              Level.WARNING,
              "{0}: front end was not told of a change: {1}",
              device,
              e.getMessage());
        }
      }
    }
  }

  /** Ends the thread; the channel must be shut down, so that it waits there no longer. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
