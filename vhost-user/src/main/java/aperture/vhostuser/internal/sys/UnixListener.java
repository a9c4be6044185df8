package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;

/**
 * A Unix stream socket that listens on a path.
 *
 * <p>Threading: one thread accepts; any thread closes, which ends the accepting.
 */
public final class UnixListener implements AutoCloseable {

  private static final Logger LOG = System.getLogger(UnixListener.class.getName());
  private static final int BACKLOG = 16;
  private static final int NON_BLOCKING = 0x800;
  private static final int CLOSE_ON_EXEC = 0x8_0000;

  /** Whoever has no descriptor left is given time to close some. */
  private static final int RETRY_MILLIS = 100;

  /** The call, by the listener's number: a descriptor, or the negative errno. */
  interface Acceptance {
    int accept(int listener);
  }

  private final Path path;
  private final Object identity;
  private final Fd fd;
  private final Eventfd wake;
  private final Poller poller;
  private final Poller pause;
  private final Acceptance acceptance;
  private boolean starved;

  private UnixListener(Path path, Object identity, Fd fd, Eventfd wake, Acceptance acceptance) {
    this.path = path;
    this.identity = identity;
    this.fd = fd;
    this.wake = wake;
    this.acceptance = acceptance;
    poller = new Poller(fd, wake.fd());
    pause = new Poller(wake.fd());
  }

  /**
   * Listens on a path. A socket that an earlier process left there is removed, unless somebody
   * listens on it.
   *
   * @throws IOException when the path is in use, is no socket, is too long, or cannot be made
   */
  public static UnixListener listen(Path path) throws IOException {
    return listen(
        path,
        listener ->
            SocketCalls.accept(listener, MemorySegment.NULL, MemorySegment.NULL, CLOSE_ON_EXEC));
  }

  static UnixListener listen(Path path, Acceptance acceptance) throws IOException {
    Eventfd wake = Eventfd.create();
    Fd fd = null;
    try (Arena arena = Arena.ofConfined()) {
      fd = UnixSocket.create(NON_BLOCKING);
      bind(fd, path, AddressLayout.of(path, arena));
      Object identity = identity(path);
      int number = fd.enter();
      try {
        SyscallException.check("listen on " + path, SocketCalls.listen(number, BACKLOG));
      } finally {
        fd.leave();
      }
      return new UnixListener(path, identity, fd, wake, acceptance);
    } catch (IOException | RuntimeException e) {
      wake.close();
      if (fd != null) {
        fd.close();
      }
      throw e;
    }
  }

  private static void bind(Fd fd, Path path, MemorySegment address) throws IOException {
    int number = fd.enter();
    try {
      int outcome = SocketCalls.bind(number, address, AddressLayout.LENGTH);
      if (outcome == -Errno.EADDRINUSE && isStale(path, address)) {
        Files.deleteIfExists(path);
        outcome = SocketCalls.bind(number, address, AddressLayout.LENGTH);
      }
      SyscallException.check("bind " + path, outcome);
    } finally {
      fd.leave();
    }
  }

  /** Whether the path is a socket on which nobody listens. */
  private static boolean isStale(Path path, MemorySegment address) throws IOException {
    // A connection to anything else is refused just the same, and a user's file must stay.
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      return false;
    }
    // Not waiting: a listener whose backlog is full is one that listens.
    try (Fd probe = UnixSocket.create(NON_BLOCKING)) {
      return UnixSocket.connect(probe, address) == -Errno.ECONNREFUSED;
    }
  }

  private static Object identity(Path path) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(path, BasicFileAttributes.class).fileKey(), "inode");
  }

  /**
   * Waits for the next connection. While the process or the system has no descriptor left, the
   * connection stays in the queue and is taken when there is one.
   *
   * @return empty when this listener has been closed
   */
  public Optional<UnixSocket> accept() throws IOException {
    while (fd.isOpen()) {
      try {
        poller.await(Poller.FOREVER);
        int number = fd.enter();
        try {
          int outcome = acceptance.accept(number);
          switch (-outcome) {
            // Nothing there: woken to be closed, or the peer left before it was accepted.
            case Errno.EAGAIN, Errno.EINTR, Errno.ECONNABORTED -> {}
            case Errno.EMFILE, Errno.ENFILE -> starve(-outcome);
            default -> {
              starved = false;
              return Optional.of(UnixSocket.of(Fd.made("accept", outcome)));
            }
          }
        } finally {
          fd.leave();
        }
      } catch (IOException e) {
        if (fd.isOpen()) {
          throw e;
        }
      }
    }
    return Optional.empty();
  }

  /** Says so once, until a connection is taken again, and waits a little. */
  private void starve(int errno) throws IOException {
    if (!starved) {
      starved = true;
      LOG.log(
          Level.WARNING,
          "{0}: connections wait for a free descriptor: {1}",
          path,
          FileCalls.strerror(errno));
    }
    pause.await(RETRY_MILLIS);
  }

  Fd fd() {
    return fd;
  }

  /** The path listened on. */
  public Path path() {
    return path;
  }

  /** Stops listening and removes the path if it is still this listener's. */
  @Override
  public void close() {
    if (!fd.isOpen()) {
      return;
    }
    fd.close();
    try {
      wake.signal();
      if (Files.exists(path) && identity(path).equals(identity)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // Somebody else removed or replaced it in this instant: then it is theirs.
    } finally {
      wake.close();
    }
  }
}
