package aperture.vhostuser.internal.session;

import aperture.vhostuser.internal.wire.BackEndRequest;
import aperture.vhostuser.internal.wire.Channel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tells the front end that the configuration changed, on a thread of its own: whoever changes it
 * holds locks of the device, and a front end may leave its socket unread. Changes that were not
 * told yet are told as one, for the front end reads what is true by then. There is a thread only
 * while there is something to tell.
 */
final class ConfigNews implements AutoCloseable {

  private static final Logger LOG = System.getLogger(ConfigNews.class.getName());
  private static final byte[] NO_PAYLOAD = {};

  private final String device;
  private final Channel channel;

  /** Changes since the last word; not 0 while a thread is there to tell of them. */
  private final AtomicInteger untold = new AtomicInteger();

  private volatile @Nullable Thread teller;
  private volatile boolean closed;

  /**
   * @param device its name, for the thread
   */
  ConfigNews(String device, Channel channel) {
    this.device = device;
    this.channel = channel;
  }

  /** The configuration changed. Never waits. */
  void changed() {
    if (untold.getAndIncrement() == 0) {
      Thread fresh =
          Thread.ofPlatform()
              .daemon()
              .inheritInheritableThreadLocals(false)
              .name(device + "-config")
              .unstarted(this::tell);
      teller = fresh;
      fresh.start();
    }
  }

  private void tell() {
    int told;
    do {
      told = untold.get();
      try {
        channel.tell(BackEndRequest.CONFIG_CHANGE, NO_PAYLOAD);
      } catch (IOException e) {
        if (!closed) {
          LOG.log(
              Level.WARNING,
              "{0}: front end was not told of a change: {1}",
              device,
              e.getMessage());
        }
      }
    } while (!untold.compareAndSet(told, 0));
  }

  /** Waits for the thread; the channel must be shut down, so that it waits there no longer. */
  @Override
  public void close() {
    closed = true;
    Thread last = teller;
    if (last != null) {
      try {
        last.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
