package aperture.vhostuser.testkit;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.MessageWriter;
import aperture.vhostuser.internal.wire.Reply;
import aperture.vhostuser.internal.wire.ReplyReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The main socket from a front end's side: one question at a time. Thread-safe. */
public final class FrontEndLink implements AutoCloseable {

  private static final byte[] NOTHING = {};

  private final UnixSocket socket;
  private final MessageWriter writer;
  private final ReplyReader replies;

  public FrontEndLink(UnixSocket socket) {
    this.socket = socket;
    writer = new MessageWriter(socket);
    replies = new ReplyReader(socket);
  }

  /** Says something that is not answered. */
  public synchronized void tell(FrontEndRequest request, byte[] payload, Fd... fds)
      throws IOException {
    writer.request(request, payload, false, fds);
  }

  /** Says something and waits for the acknowledgement; 0 is success. */
  public synchronized long acknowledged(FrontEndRequest request, byte[] payload, Fd... fds)
      throws IOException {
    writer.request(request, payload, true, fds);
    try (Reply reply = replies.read(request)) {
      return reply.number();
    }
  }

  /** Says something that must be acknowledged well. */
  public void must(FrontEndRequest request, byte[] payload, Fd... fds) throws IOException {
    long status = acknowledged(request, payload, fds);
    if (status != 0) {
      throw new IOException("%s was refused with %d".formatted(request, status));
    }
  }

  /** Asks for a number. */
  public synchronized long number(FrontEndRequest request) throws IOException {
    return ask(request, NOTHING).getLong(0);
  }

  /** Asks for an answer of its own, and closes what descriptors come with it. */
  public synchronized ByteBuffer ask(FrontEndRequest request, byte[] payload) throws IOException {
    return ask(request, payload, new ArrayList<>());
  }

  /**
   * Asks for an answer of its own.
   *
   * @param fds gets the descriptors that come with it
   */
  public synchronized ByteBuffer ask(FrontEndRequest request, byte[] payload, List<Fd> fds)
      throws IOException {
    writer.request(request, payload, false);
    Reply reply = replies.read(request);
    fds.addAll(reply.fds());
    return reply.payload();
  }

  @Override
  public void close() {
    socket.close();
  }
}
