package aperture.vhostuser.internal.sys;

import java.io.IOException;
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

  private static final int BACKLOG = 16;
  private static final int NON_BLOCKING = 0x800;
  private static final int CLOSE_ON_EXEC = 0x8_0000;

  private final Path path;
  private final Object identity;
  private final Fd fd;
  private final Eventfd wake;
  private final Poller poller;

  private UnixListener(Path path, Object identity, Fd fd, Eventfd wake) {
    this.path = path;
    this.identity = identity;
    this.fd = fd;
    this.wake = wake;
    poller = new Poller(fd, wake.fd());
  }

  /**
   * Listens on a path. A socket that an earlier process left there is removed, unless somebody
   * listens on it.
   *
   * @throws IOException when the path is in use, is no socket, is too long, or cannot be made
   */
  public static UnixListener listen(Path path) throws IOException {
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
      return new UnixListener(path, identity, fd, wake);
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
   * Waits for the next connection.
   *
   * @return empty when this listener has been closed
   * @throws IOException when the system gives no descriptor; the connection stays in the queue, so
   *     that whoever tries again waits for some to be closed first
   */
  public Optional<UnixSocket> accept() throws IOException {
    while (fd.isOpen()) {
      try {
        poller.await(Poller.FOREVER);
        int number = fd.enter();
        try {
          int outcome =
              SocketCalls.accept(number, MemorySegment.NULL, MemorySegment.NULL, CLOSE_ON_EXEC);
          switch (-outcome) {
            // Nothing there: woken to be closed, or the peer left before it was accepted.
            case Errno.EAGAIN, Errno.EINTR, Errno.ECONNABORTED -> {}
            default -> {
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
