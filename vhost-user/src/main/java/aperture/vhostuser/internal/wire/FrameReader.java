package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.Receiver;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Cuts the stream into header, payload and descriptors. One thread at a time. */
final class FrameReader {

  /** Says what is wrong with a header, before the payload is waited for. */
  interface HeaderRule {
    void check(int id, int flags, int size) throws ProtocolException;
  }

  /** A header, its payload, and the descriptors, which are the caller's to close. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call, and is never compared
  record Frame(int id, int flags, byte[] payload, List<Fd> fds) {
    void close() {
      fds.forEach(Fd::close);
    }
  }

  private final Receiver receiver;

  FrameReader(UnixSocket socket) {
    receiver = socket.receiver(HeaderLayout.LENGTH + HeaderLayout.MAX_PAYLOAD);
  }

  /**
   * Waits for one frame.
   *
   * @return empty when the peer has ended the connection before its first byte
   */
  Optional<Frame> read(HeaderRule rule) throws IOException {
    List<Fd> fds = new ArrayList<>();
    try {
      int first = receiver.receive(0, HeaderLayout.LENGTH, fds);
      if (first == 0) {
        return Optional.empty();
      }
      int came = fds.size();
      fill(first, HeaderLayout.LENGTH, fds);
      ByteBuffer header = Bytes.wrap(receiver.bytes(0, HeaderLayout.LENGTH));
      int id = header.getInt(HeaderLayout.REQUEST);
      int flags = header.getInt(HeaderLayout.FLAGS);
      int size = header.getInt(HeaderLayout.SIZE);
      checkHeader(id, flags, size);
      rule.check(id, flags, size);
      fill(HeaderLayout.LENGTH, HeaderLayout.LENGTH + size, fds);
      if (fds.size() != came) {
        throw new ProtocolException(
            Fault.DESCRIPTORS, "message %d: descriptors behind its first byte".formatted(id));
      }
      byte[] payload = receiver.bytes(HeaderLayout.LENGTH, size);
      return Optional.of(new Frame(id, flags, payload, fds));
    } catch (IOException | RuntimeException e) {
      fds.forEach(Fd::close);
      throw e;
    }
  }

  private void fill(int from, int to, List<Fd> fds) throws IOException {
    int at = from;
    while (at < to) {
      int count = receiver.receive(at, to - at, fds);
      if (count == 0) {
        throw new ProtocolException(
            Fault.CUT_OFF, "peer left after %d bytes of %d".formatted(at, to));
      }
      at += count;
    }
  }

  private static void checkHeader(int id, int flags, int size) throws ProtocolException {
    int version = flags & HeaderLayout.VERSION_MASK;
    if (version != HeaderLayout.VERSION) {
      throw new ProtocolException(
          Fault.VERSION, "message %d: version %d instead of 1".formatted(id, version));
    }
    if (Integer.compareUnsigned(size, HeaderLayout.MAX_PAYLOAD) > 0) {
      throw new ProtocolException(
          Fault.SIZE,
          "message %d: %s bytes, more than any message has"
              .formatted(id, Integer.toUnsignedString(size)));
    }
  }
}
