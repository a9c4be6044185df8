package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/**
 * A connected Unix stream socket that carries descriptors beside bytes.
 *
 * <p>Threading: sending and shutting down from any thread, but two senders must not interleave,
 * which their caller sees to.
 */
public final class UnixSocket implements AutoCloseable {

  private static final int STREAM = 1;
  private static final int CLOSE_ON_EXEC = 0x8_0000;
  private static final int NO_SIGNAL = 0x4000;
  private static final int BOTH_WAYS = 2;

  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_DOMAIN = 39;

  private final Fd fd;

  private UnixSocket(Fd fd) {
    this.fd = fd;
  }

  /** The two ends of one connection. */
  public record Pair(UnixSocket left, UnixSocket right) implements AutoCloseable {
    @Override
    public void close() {
      left.close();
      right.close();
    }
  }

  /** Makes a connection with both ends in this process. */
  public static Pair pair() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment two = arena.allocate(ValueLayout.JAVA_INT, 2);
      int kind = STREAM | CLOSE_ON_EXEC;
      SyscallException.check(
          "socketpair", SocketCalls.socketpair(AddressLayout.FAMILY_UNIX, kind, 0, two));
      return new Pair(
          new UnixSocket(Fd.of(two.getAtIndex(ValueLayout.JAVA_INT, 0))),
          new UnixSocket(Fd.of(two.getAtIndex(ValueLayout.JAVA_INT, 1))));
    }
  }

  /** Connects to a listening socket. */
  public static UnixSocket connect(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = AddressLayout.of(path, arena);
      Fd fd = create(0);
      int outcome = connect(fd, address);
      if (outcome < 0) {
        fd.close();
        throw new SyscallException("connect to " + path, -outcome);
      }
      return new UnixSocket(fd);
    }
  }

  /** Makes an unconnected socket. */
  static Fd create(int flags) throws IOException {
    int kind = STREAM | CLOSE_ON_EXEC | flags;
    return Fd.made("socket", SocketCalls.socket(AddressLayout.FAMILY_UNIX, kind, 0));
  }

  /** Connects; 0, or the negative errno. */
  static int connect(Fd fd, MemorySegment address) throws IOException {
    int number = fd.enter();
    try {
      int outcome;
      do {
        outcome = SocketCalls.connect(number, address, AddressLayout.LENGTH);
      } while (outcome == -Errno.EINTR);
      return outcome;
    } finally {
      fd.leave();
    }
  }

  /** Takes the descriptor of a connection that was accepted here. */
  static UnixSocket of(Fd fd) {
    return new UnixSocket(fd);
  }

  /**
   * Takes a connected socket that this process inherited, by its number.
   *
   * @throws IOException when the number is no connected Unix stream socket; it stays as it was
   */
  public static UnixSocket inherit(int number) throws IOException {
    requireStream(number);
    if (option(number, SO_ACCEPTCONN) != 0) {
      throw new IOException("fd %d listens; a connected socket is needed".formatted(number));
    }
    return new UnixSocket(Fd.of(number));
  }

  /**
   * Takes a socket from a peer; it is closed if it is none.
   *
   * @throws IOException when the descriptor is something else
   */
  public static UnixSocket adopt(Fd fd) throws IOException {
    try {
      int number = fd.enter();
      try {
        requireStream(number);
      } finally {
        fd.leave();
      }
      return new UnixSocket(fd);
    } catch (IOException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  private static void requireStream(int number) throws IOException {
    if (option(number, SO_DOMAIN) != AddressLayout.FAMILY_UNIX
        || option(number, SO_TYPE) != STREAM) {
      throw new IOException("fd %d is no Unix stream socket".formatted(number));
    }
  }

  private static int option(int number, int name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);
      length.set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
      SyscallException.check(
          "getsockopt of fd " + number,
          SocketCalls.getsockopt(number, SOL_SOCKET, name, value, length));
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** For a {@link Poller}. */
  public Fd fd() {
    return fd;
  }

  /** A receiver with a buffer of so many bytes. */
  public Receiver receiver(int capacity) {
    return new Receiver(fd, capacity);
  }

  /**
   * Sends all bytes, and the descriptors with the first of them. The descriptors stay the caller's.
   *
   * @param bytes at least one
   * @param fds at most 32
   */
  public void send(byte[] bytes, List<Fd> fds) throws IOException {
    if (bytes.length == 0 || fds.size() > MessageLayout.MAX_FDS) {
      throw new IllegalArgumentException(
          "%d bytes with %d descriptors".formatted(bytes.length, fds.size()));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      MemorySegment message = arena.allocate(MessageLayout.LENGTH, Long.BYTES);
      MemorySegment vector = arena.allocate(MessageLayout.VECTOR_LENGTH, Long.BYTES);
      MemorySegment control = arena.allocate(MessageLayout.CONTROL_SIZE, Long.BYTES);
      long sent = 0;
      while (sent < bytes.length) {
        MessageLayout.vector(vector, data, sent, bytes.length - sent);
        sent += sendSome(message, vector, control, sent == 0 ? fds : List.of());
      }
    }
  }

  /** One call: the bytes it took, 0 when it must be repeated. */
  private long sendSome(
      MemorySegment message, MemorySegment vector, MemorySegment control, List<Fd> fds)
      throws IOException {
    int[] numbers = new int[fds.size()];
    int entered = 0;
    long count;
    int number = fd.enter();
    try {
      while (entered < numbers.length) {
        numbers[entered] = fds.get(entered).enter();
        entered++;
      }
      long length = entered == 0 ? 0 : MessageLayout.putDescriptors(control, numbers);
      MessageLayout.message(message, vector, control, length);
      count = SocketCalls.sendmsg(number, message, NO_SIGNAL);
    } finally {
      fd.leave();
      while (entered > 0) {
        fds.get(--entered).leave();
      }
    }
    if (count == -Errno.EAGAIN) {
      Poller.ofWritable(fd).await(Poller.FOREVER);
      return 0;
    }
    return count == -Errno.EINTR ? 0 : SyscallException.check("sendmsg", count);
  }

  /**
   * Ends the connection both ways. Threads that are blocked on it wake: the receiver as if the peer
   * were gone, a sender with an exception.
   */
  public void shutdown() {
    try {
      int number = fd.enter();
      try {
        // Fails if the peer ended it before, which is as good.
        int ignored = SocketCalls.shutdown(number, BOTH_WAYS);
      } finally {
        fd.leave();
      }
    } catch (IOException e) {
      // Closed already: whoever waited has been woken then.
    }
  }

  /**
   * Ends the connection, and gives the descriptor back when nobody is blocked on it any more. A
   * socket that has been handed to another process is given up by closing its {@link #fd} alone.
   */
  @Override
  public void close() {
    shutdown();
    fd.close();
  }

  @Override
  public String toString() {
    return "socket on " + fd;
  }
}
