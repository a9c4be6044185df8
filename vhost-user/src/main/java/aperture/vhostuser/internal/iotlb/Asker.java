package aperture.vhostuser.internal.iotlb;

import aperture.vhostuser.internal.wire.BackEndRequest;
import aperture.vhostuser.internal.wire.Channel;
import aperture.vhostuser.internal.wire.IotlbMessage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The thread that asks the front end for translations, as many at once as are wanted, and waits for
 * the answers. Neither workers nor the control thread wait here.
 */
public final class Asker implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Asker.class.getName());

  /** A front end that is stopped by a debugger or loaded heavily takes its time. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

  /** An answer and its translation come on two sockets; the translation was sent first. */
  private static final Duration UPDATE_LIMIT = Duration.ofSeconds(5);

  /** Questions asked together: what fits into a socket's buffers, answers included. */
  private static final int TOGETHER = 64;

  private final Channel channel;
  private final LinkedBlockingQueue<Question> questions = new LinkedBlockingQueue<>();
  private final FrontEndIotlb iotlb;
  private final Thread thread;

  /** Asked and not resolved yet, in the order of asking. Belongs to the thread. */
  private final ArrayDeque<Question> together = new ArrayDeque<>(TOGETHER);

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
        together.add(questions.take());
        questions.drainTo(together, TOGETHER - 1);
        ask();
      } catch (InterruptedException e) {
        // Only close interrupts; the loop's condition sees it.
      }
    }
  }

  /** Each question is resolved when this returns, once, whether it was answered or not. */
  private void ask() {
    try {
      List<byte[]> misses = together.stream().map(Asker::miss).toList();
      channel.ask(BackEndRequest.IOTLB_MSG, misses, ANSWER_LIMIT, this::answered);
    } catch (IOException e) {
      if (!closed) {
        LOG.log(Level.WARNING, "a translation was not answered: {0}", e.getMessage());
      }
    }
    while (!together.isEmpty()) {
      iotlb.resolve(together.removeFirst(), true);
    }
  }

  private static byte[] miss(Question question) {
    return IotlbMessage.miss(question.page(), question.access().bit()).encode();
  }

  private void answered(long status) throws IOException {
    // Gone from the list first: once it is resolved the same may be asked anew.
    Question question = together.removeFirst();
    try {
      boolean refusal = status != 0 || !iotlb.awaitUpdate(question, UPDATE_LIMIT);
      iotlb.resolve(question, refusal);
    } catch (InterruptedException e) {
      throw new InterruptedIOException("closed while an answer was awaited");
    }
  }

  /**
   * Ends the thread, and with it the last use of the channel, which must be shut down, so that it
   * waits there no longer.
   */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
