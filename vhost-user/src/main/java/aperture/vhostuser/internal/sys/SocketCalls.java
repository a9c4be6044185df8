package aperture.vhostuser.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls on Unix domain sockets. Each gives a result, or the negative errno.
 *
 * <p>Why they are needed: the JDK's Unix domain channels neither send nor receive descriptors, do
 * not give away the descriptor that polling needs, and cannot adopt an inherited one.
 */
final class SocketCalls {

  private static final MethodHandle SOCKET =
      Downcalls.of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  private static final MethodHandle SOCKETPAIR =
      Downcalls.of("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);

  private static final MethodHandle BIND =
      Downcalls.of("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

  private static final MethodHandle CONNECT =
      Downcalls.of("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

  private static final MethodHandle LISTEN = Downcalls.of("listen", JAVA_INT, JAVA_INT, JAVA_INT);

  private static final MethodHandle ACCEPT4 =
      Downcalls.of("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);

  private static final MethodHandle SHUTDOWN =
      Downcalls.of("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);

  private static final MethodHandle GETSOCKOPT =
      Downcalls.of("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);

  private static final MethodHandle RECVMSG =
      Downcalls.of("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

  private static final MethodHandle SENDMSG =
      Downcalls.of("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

  private SocketCalls() {}

  /** Makes a socket. Safe: takes and returns plain numbers. */
  static int socket(int domain, int type, int protocol) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) SOCKET.invokeExact(errno, domain, type, protocol), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Makes two connected sockets. Safe: writes two ints into {@code pair}, which {@link UnixSocket}
   * allocates with that size.
   */
  static int socketpair(int domain, int type, int protocol, MemorySegment pair) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome(
          (int) SOCKETPAIR.invokeExact(errno, domain, type, protocol, pair), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Gives a socket its path. Safe: reads {@code length} bytes of an {@link AddressLayout}. */
  static int bind(int fd, MemorySegment address, int length) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) BIND.invokeExact(errno, fd, address, length), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Connects to a path. Safe: reads {@code length} bytes of an {@link AddressLayout}. */
  static int connect(int fd, MemorySegment address, int length) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) CONNECT.invokeExact(errno, fd, address, length), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Starts to take connections. Safe: plain numbers. */
  static int listen(int fd, int backlog) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) LISTEN.invokeExact(errno, fd, backlog), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Takes a connection. Safe: both pointers are NULL, nobody asks who connected. */
  static int accept(int fd, MemorySegment address, MemorySegment length, int flags) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) ACCEPT4.invokeExact(errno, fd, address, length, flags), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Ends a connection without giving up its descriptor, which wakes threads that are blocked on it;
   * closing would not. Safe: plain numbers.
   */
  static int shutdown(int fd, int how) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) SHUTDOWN.invokeExact(errno, fd, how), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Tells what an inherited descriptor is. Safe: writes at most {@code *length} bytes, which the
   * caller allocated and stated.
   */
  static int getsockopt(int fd, int level, int name, MemorySegment value, MemorySegment length) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome(
          (int) GETSOCKOPT.invokeExact(errno, fd, level, name, value, length), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Receives bytes and descriptors. Safe: writes only into the buffers that {@link MessageLayout}
   * points to, within the lengths stated there; {@link Receiver} allocates all of them together and
   * states their real sizes.
   */
  static long recvmsg(int fd, MemorySegment message, int flags) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((long) RECVMSG.invokeExact(errno, fd, message, flags), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Sends bytes and descriptors. Safe: reads only the buffers that {@link MessageLayout} points to;
   * {@link UnixSocket} allocates them for the one call.
   */
  static long sendmsg(int fd, MemorySegment message, int flags) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((long) SENDMSG.invokeExact(errno, fd, message, flags), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
