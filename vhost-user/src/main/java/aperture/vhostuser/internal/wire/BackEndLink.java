package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.Poller;
import aperture.vhostuser.internal.sys.UnixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The socket on which a back end asks its front end. Answers carry no number of their question:
 * they come in its order, and after a question without an answer the socket is closed, since a late
 * answer would be taken for the next one's.
 *
 * <p>Threading: any thread; closing wakes a thread that waits.
 */
final class BackEndLink implements AutoCloseable {

  private final ReentrantLock asking = new ReentrantLock();
  private final UnixSocket socket;
  private final MessageWriter writer;
  private final ReplyReader replies;
  private final Poller readable;
  private final Poller writable;

  BackEndLink(UnixSocket socket) {
    this.socket = socket;
    writer = new MessageWriter(socket);
    replies = new ReplyReader(socket);
    readable = new Poller(socket.fd());
    writable = Poller.ofWritable(socket.fd());
  }

  /** One thread at a time; it waits for room before it keeps others from writing. */
  void tell(BackEndRequest request, byte[] payload) throws IOException {
    writable.await(Poller.FOREVER);
    writer.request(request, payload, false);
  }

  void ask(BackEndRequest request, List<byte[]> payloads, Duration limit, Channel.Answers answers)
      throws IOException {
    asking.lock();
    try {
      for (byte[] payload : payloads) {
        writer.request(request, payload, true);
      }
      for (int left = payloads.size(); left > 0; left--) {
        answers.answered(answer(request, limit));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    } finally {
      asking.unlock();
    }
  }

  private long answer(BackEndRequest request, Duration limit) throws IOException {
    if (!readable.await(Math.toIntExact(limit.toMillis()))) {
      throw new IOException(
          "front end has not answered %s for %d ms".formatted(request.name(), limit.toMillis()));
    }
    try (Reply reply = replies.read(request)) {
      return reply.number();
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
