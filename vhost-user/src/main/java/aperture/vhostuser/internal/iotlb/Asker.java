package aperture.vhostuser.internal.iotlb;

import aperture.vhostuser.internal.wire.BackEndRequest;
import aperture.vhostuser.internal.wire.Channel;
import aperture.vhostuser.internal.wire.IotlbMessage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The thread that asks the front end for translations, one at a time, and waits for each answer.
 * Neither workers nor the control thread wait here.
 */
public final class Asker implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Asker.class.getName());

  /** A front end that is stopped by a debugger or loaded heavily takes its time. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

  /** An answer and its translation come on two sockets; the translation was sent first. */
  private static final Duration UPDATE_LIMIT = Duration.ofSeconds(5);

  private final Channel channel;
  private final LinkedBlockingQueue<Question> questions = new LinkedBlockingQueue<>();
  private final FrontEndIotlb iotlb;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param device its name, for the thread
   * @param audit looks on; null for none
   */
  public Asker(String device, Channel channel, @Nullable AccessAudit audit) {
    this.channel = channel;
    this.iotlb = new FrontEndIotlb(questions::add, audit);
    thread =
        Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name(device + "-iotlb")
            .unstarted(this::run);
    thread.start();
  }

  /** What is asked for and answered. */
  public FrontEndIotlb iotlb() {
    return iotlb;
  }

  private void run() {
    while (!closed) {
      try {
        Question question = questions.take();
        iotlb.resolve(question, !ask(question));
      } catch (InterruptedException e) {
        // Only close interrupts; the loop's condition sees it.
      }
    }
  }

  private boolean ask(Question question) throws InterruptedException {
    byte[] miss = IotlbMessage.miss(question.page(), question.access().bit()).encode();
    try {
      return channel.ask(BackEndRequest.IOTLB_MSG, miss, ANSWER_LIMIT) == 0
          && iotlb.awaitUpdate(question, UPDATE_LIMIT);
    } catch (IOException e) {
      if (!closed) {
        LOG.log(
            Level.WARNING,
            "no answer for 0x{0}: {1}",
            Long.toHexString(question.page()),
            e.getMessage());
      }
      return false;
    }
  }

  /** Ends the thread; the channel must be shut down, so that it waits there no longer. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
