package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.Fd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A message as its row in the table wants it. Closing it closes the descriptors that nobody took.
 *
 * <p>Threading: one thread.
 *
 * @param <R> the table
 */
public final class Message<R extends Request> implements Received<R>, AutoCloseable {

  private final R request;
  private final boolean asksForReply;
  private final ByteBuffer payload;
  private final List<Fd> fds;

  Message(R request, boolean asksForReply, byte[] payload, List<Fd> fds) {
    this.request = request;
    this.asksForReply = asksForReply;
    this.payload = Bytes.wrap(payload).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    this.fds = new ArrayList<>(fds);
  }

  public R request() {
    return request;
  }

  /** Whether the need-reply flag is set; {@link ReplyRule#acknowledged} says what follows. */
  public boolean asksForReply() {
    return asksForReply;
  }

  /**
   * Whether the sender waits for {@link MessageWriter#acknowledge}.
   *
   * @param agreed protocol features agreed upon
   */
  public boolean acknowledged(ProtocolFeatures agreed) {
    return request.replyRule().acknowledged(asksForReply, agreed);
  }

  /** The payload: a copy that the peer cannot change any more; little-endian, read-only. */
  public ByteBuffer payload() {
    return payload;
  }

  /** The payload of a message that consists of a number. */
  public long number() {
    return payload.getLong(0);
  }

  /** How many descriptors are here to be taken. */
  public int fds() {
    return fds.size();
  }

  /** Takes the next descriptor, in the order of sending; it is the caller's to close. */
  public Fd takeFd() {
    return fds.removeFirst();
  }

  @Override
  public void close() {
    fds.forEach(Fd::close);
    fds.clear();
  }

  @Override
  public String toString() {
    return "%s (%d bytes, %d descriptors%s)"
        .formatted(
            request.name(), payload.capacity(), fds.size(), asksForReply ? ", asks for reply" : "");
  }
}
