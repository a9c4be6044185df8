package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.FrameReader.Frame;
import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Reads requests, one at a time, and lets through only what its table allows.
 *
 * <p>After an exception the stream is of no more use, and no descriptor of the message is open.
 *
 * <p>Threading: one thread at a time. {@link UnixSocket#shutdown} from another ends the waiting.
 *
 * @param <R> the table
 */
public final class MessageReader<R extends Request> {

  private final FrameReader frames;
  private final IntFunction<Optional<R>> table;

  private MessageReader(UnixSocket socket, IntFunction<Optional<R>> table) {
    frames = new FrameReader(socket);
    this.table = table;
  }

  /** Reads what a front end sends. */
  public static MessageReader<FrontEndRequest> ofFrontEnd(UnixSocket socket) {
    return new MessageReader<>(socket, FrontEndRequest::of);
  }

  /** Reads what a back end sends on its own socket. */
  public static MessageReader<BackEndRequest> ofBackEnd(UnixSocket socket) {
    return new MessageReader<>(socket, BackEndRequest::of);
  }

  /**
   * Waits for the next message.
   *
   * @throws ProtocolException when it is not what its row allows
   * @throws IOException when the socket fails
   */
  public Received<R> read() throws IOException {
    Optional<Frame> next = frames.read(this::checkHeader);
    if (next.isEmpty()) {
      return new Disconnected<>();
    }
    Frame frame = next.get();
    boolean asks = (frame.flags() & HeaderLayout.NEED_REPLY) != 0;
    Optional<R> known = table.apply(frame.id());
    if (known.isEmpty()) {
      frame.close();
      return new UnknownMessage<>(frame.id(), asks);
    }
    try {
      return checked(known.get(), asks, frame);
    } catch (ProtocolException | RuntimeException e) {
      frame.close();
      throw e;
    }
  }

  private void checkHeader(int id, int flags, int size) throws ProtocolException {
    if ((flags & HeaderLayout.REPLY) != 0) {
      throw new ProtocolException(
          Fault.FLAGS, "message %d: a request that is marked as a reply".formatted(id));
    }
    Optional<R> known = table.apply(id);
    if (known.isPresent() && !known.get().payload().takes(size)) {
      throw new ProtocolException(
          Fault.SIZE,
          "%s: %d bytes, and its %s has %s"
              .formatted(
                  known.get().name(), size, known.get().payload().words(), sizes(known.get())));
    }
  }

  private static String sizes(Request request) {
    Payload payload = request.payload();
    return payload.min() == payload.max()
        ? String.valueOf(payload.min())
        : payload.min() + " to " + payload.max();
  }

  private Message<R> checked(R request, boolean asks, Frame frame) throws ProtocolException {
    int fds = frame.fds().size();
    if (!request.fds().takes(fds)) {
      throw new ProtocolException(
          Fault.DESCRIPTORS,
          "%s: %d descriptors instead of %s".formatted(request.name(), fds, request.fds()));
    }
    ByteBuffer payload = Bytes.wrap(frame.payload());
    try {
      request.payload().check(payload, fds);
    } catch (ProtocolException e) {
      throw new ProtocolException(e.fault(), request.name() + ": " + e.getMessage());
    }
    return new Message<>(request, asks, frame.payload(), frame.fds());
  }
}
