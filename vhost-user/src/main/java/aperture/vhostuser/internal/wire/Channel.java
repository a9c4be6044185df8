package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.UnixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A back end's connection to its front end: the main socket, on which the front end asks, and, once
 * the front end has given it, a second one on which the back end asks.
 *
 * <p>Threading: one control thread receives and answers; any thread asks on the second socket and
 * shuts down. The control thread must never {@link #ask}: the front end may send on the main socket
 * first and wait there before it answers.
 */
public final class Channel implements AutoCloseable {

  private final UnixSocket main;
  private final MessageReader<FrontEndRequest> reader;
  private final MessageWriter writer;
  private final Object change = new Object();

  private volatile @Nullable BackEndLink link;
  private boolean closed;

  public Channel(UnixSocket main) {
    this.main = main;
    reader = MessageReader.ofFrontEnd(main);
    writer = new MessageWriter(main);
  }

  /**
   * Waits for the front end's next message.
   *
   * @throws ProtocolException when it is not as its row in the table
   */
  public Received<FrontEndRequest> receive() throws IOException {
    return reader.read();
  }

  /** Answers on the main socket. */
  public MessageWriter writer() {
    return writer;
  }

  /** For a poller: the main socket. */
  public Fd fd() {
    return main.fd();
  }

  /**
   * Takes the second socket. One that was there before is closed, and whoever waits on it fails.
   *
   * @param fd taken in any case
   * @throws IOException when it is no Unix stream socket; the one before stays
   */
  public void takeBackEndSocket(Fd fd) throws IOException {
    BackEndLink fresh = new BackEndLink(UnixSocket.adopt(fd));
    BackEndLink old;
    synchronized (change) {
      old = closed ? fresh : link;
      if (!closed) {
        link = fresh;
      }
    }
    if (old != null) {
      old.close();
    }
  }

  /** Whether the back end can ask. */
  public boolean hasBackEndSocket() {
    return link != null;
  }

  /**
   * Tells the front end something on the second socket, one thread at a time. Waits while the front
   * end leaves no room there; {@link #shutdown} ends the wait.
   */
  public void tell(BackEndRequest request, byte[] payload) throws IOException {
    link().tell(request, payload);
  }

  /** Who hears of answers. */
  @FunctionalInterface
  public interface Answers {

    /**
     * The answer to the next question has come.
     *
     * @param status the front end's: 0 for success
     */
    void answered(long status) throws IOException;
  }

  /**
   * Asks the front end on the second socket, all questions at once, and waits for the answers,
   * which come in their order. Questions of several threads wait for each other.
   *
   * @param payloads of the questions; few, as a front end may answer before it reads on
   * @param limit how long to wait for each answer to begin; once it has passed, or the wait fails,
   *     the second socket is closed. {@link #shutdown} ends any wait
   * @param answers told of each answer when it is here
   */
  public void ask(BackEndRequest request, List<byte[]> payloads, Duration limit, Answers answers)
      throws IOException {
    link().ask(request, payloads, limit, answers);
  }

  private BackEndLink link() throws IOException {
    BackEndLink current = link;
    if (current == null) {
      throw new IOException("front end has given no socket for the back end's requests");
    }
    return current;
  }

  /** Ends the connection without giving up descriptors: every thread that waits here wakes. */
  public void shutdown() {
    main.shutdown();
    dropLink();
  }

  private void dropLink() {
    BackEndLink old;
    synchronized (change) {
      closed = true;
      old = link;
      link = null;
    }
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    dropLink();
    main.close();
  }
}
