package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.UnixSocket;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes whole messages. Descriptors stay the caller's.
 *
 * <p>Threading: any thread; messages never interleave. {@link UnixSocket#shutdown} frees a thread
 * whose peer does not read.
 */
public final class MessageWriter {

  private final ReentrantLock lock = new ReentrantLock();
  private final UnixSocket socket;

  public MessageWriter(UnixSocket socket) {
    this.socket = socket;
  }

  /** Sends a request. */
  public void request(Request request, byte[] payload, boolean asksForReply, Fd... fds)
      throws IOException {
    require(request.payload(), request.fds(), request, payload, fds);
    int flags = asksForReply ? HeaderLayout.ASKING_FLAGS : HeaderLayout.REQUEST_FLAGS;
    send(request.id(), flags, payload, fds);
  }

  /** Sends the own answer of a request that has one. */
  public void reply(Request request, byte[] payload, Fd... fds) throws IOException {
    if (request.replyRule() != ReplyRule.BODY) {
      throw new IllegalArgumentException(request.name() + " has no answer of its own");
    }
    require(request.replyPayload(), request.replyFds(), request, payload, fds);
    send(request.id(), HeaderLayout.REPLY_FLAGS, payload, fds);
  }

  /** Sends the own answer of a request that is answered by a number. */
  public void reply(Request request, long number) throws IOException {
    reply(request, Bytes.ofLong(number));
  }

  /**
   * Acknowledges a request, which must be one whose sender waits for it.
   *
   * @param status 0 for success
   */
  public void acknowledge(Request request, long status) throws IOException {
    if (request.replyRule() == ReplyRule.BODY) {
      throw new IllegalArgumentException(request.name() + " has an answer of its own");
    }
    send(request.id(), HeaderLayout.REPLY_FLAGS, Bytes.ofLong(status));
  }

  /** Tells the sender of an unknown message, who waits, that it has failed. */
  public void refuse(UnknownMessage<?> message) throws IOException {
    send(message.id(), HeaderLayout.REPLY_FLAGS, Bytes.ofLong(1));
  }

  private static void require(
      Payload kind, Request.Fds count, Request request, byte[] payload, Fd... fds) {
    if (!kind.takes(payload.length) || !count.takes(fds.length)) {
      throw new IllegalArgumentException(
          "%s with %d bytes and %d descriptors"
              .formatted(request.name(), payload.length, fds.length));
    }
  }

  private void send(int id, int flags, byte[] payload, Fd... fds) throws IOException {
    byte[] frame =
        Bytes.allocate(HeaderLayout.LENGTH + payload.length)
            .putInt(HeaderLayout.REQUEST, id)
            .putInt(HeaderLayout.FLAGS, flags)
            .putInt(HeaderLayout.SIZE, payload.length)
            .put(HeaderLayout.LENGTH, payload)
            .array();
    lock.lock();
    try {
      socket.send(frame, List.of(fds));
    } finally {
      lock.unlock();
    }
  }
}
