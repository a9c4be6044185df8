package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Receives bytes and descriptors from one socket, into a buffer that never grows. Owns nothing that
 * must be closed.
 *
 * <p>Threading: one thread at a time.
 */
public final class Receiver {

  private static final int CLOSE_ON_EXEC = 0x4000_0000;

  private final Fd socket;
  private final MemorySegment data;
  private final MemorySegment message;
  private final MemorySegment vector;
  private final MemorySegment control;

  Receiver(Fd socket, int capacity) {
    this.socket = socket;
    Arena arena = Arena.ofAuto();
    data = arena.allocate(capacity, Long.BYTES);
    message = arena.allocate(MessageLayout.LENGTH, Long.BYTES);
    vector = arena.allocate(MessageLayout.VECTOR_LENGTH, Long.BYTES);
    control = arena.allocate(MessageLayout.CONTROL_SIZE, Long.BYTES);
  }

  /**
   * Waits for at least one byte.
   *
   * @param at where in the buffer the bytes go
   * @param length how many at most, at least 1
   * @param fds gets the descriptors that came along, at most 32; the caller closes them
   * @return how many bytes came; 0 when the peer is gone
   * @throws IOException when the call fails, or more descriptors came than can be taken; those that
   *     came are closed then
   */
  public int receive(int at, int length, List<? super Fd> fds) throws IOException {
    MessageLayout.vector(vector, data, at, length);
    long count;
    do {
      MessageLayout.message(message, vector, control, control.byteSize());
      count = receiveOnce();
    } while (count == -Errno.EINTR);
    if (count == -Errno.ECONNRESET) {
      return 0;
    }
    SyscallException.check("recvmsg", count);
    List<Fd> came = MessageLayout.takeDescriptors(message, control);
    if (MessageLayout.truncated(message)) {
      came.forEach(Fd::close);
      throw new IOException(
          "peer sent more than %d descriptors at once, or more than this process may open"
              .formatted(MessageLayout.MAX_FDS));
    }
    fds.addAll(came);
    return (int) count;
  }

  private long receiveOnce() throws IOException {
    int fd = socket.enter();
    try {
      long count = SocketCalls.recvmsg(fd, message, CLOSE_ON_EXEC);
      if (count != -Errno.EAGAIN) {
        return count;
      }
    } finally {
      socket.leave();
    }
    // The peer, who made the socket, may have made it non-blocking.
    new Poller(socket).await(Poller.FOREVER);
    return -Errno.EINTR;
  }

  /** A copy of bytes received. */
  public byte[] bytes(int at, int length) {
    return data.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
