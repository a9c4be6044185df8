package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.FrameReader.Frame;
import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads answers to one's own requests, in the order of asking.
 *
 * <p>Threading: one thread at a time.
 */
public final class ReplyReader {

  private final FrameReader frames;

  public ReplyReader(UnixSocket socket) {
    frames = new FrameReader(socket);
  }

  /**
   * Waits for the answer to a request: its own, or the acknowledgement that was asked for.
   *
   * @throws ProtocolException when something else comes, or the peer leaves
   */
  public Reply read(Request request) throws IOException {
    Frame frame =
        frames
            .read((id, flags, size) -> checkHeader(request, id, flags, size))
            .orElseThrow(() ->
                new ProtocolException(
                    Fault.CUT_OFF, "peer left without an answer to " + request.name()));
    try {
      checkContent(request, frame);
      return new Reply(Bytes.wrap(frame.payload()), frame.fds());
    } catch (ProtocolException | RuntimeException e) {
      frame.close();
      throw e;
    }
  }

  private static void checkHeader(Request request, int id, int flags, int size)
      throws ProtocolException {
    if (id != request.id()) {
      throw new ProtocolException(
          Fault.UNEXPECTED, "message %d instead of an answer to %s".formatted(id, request.name()));
    }
    if (flags != HeaderLayout.REPLY_FLAGS) {
      throw new ProtocolException(
          Fault.FLAGS,
          "answer to %s: flags 0x%x instead of 0x%x"
              .formatted(request.name(), flags, HeaderLayout.REPLY_FLAGS));
    }
    if (!request.replyPayload().takes(size)) {
      throw new ProtocolException(
          Fault.SIZE, "answer to %s: %d bytes".formatted(request.name(), size));
    }
  }

  private static void checkContent(Request request, Frame frame) throws ProtocolException {
    int fds = frame.fds().size();
    if (!request.replyFds().takes(fds)) {
      throw new ProtocolException(
          Fault.DESCRIPTORS,
          "answer to %s: %d descriptors instead of %s"
              .formatted(request.name(), fds, request.replyFds()));
    }
    ByteBuffer payload = Bytes.wrap(frame.payload());
    request.replyPayload().check(payload, fds);
  }
}
