package aperture.vhostuser.internal.server;

import aperture.vhostuser.internal.sys.UnixListener;
import aperture.vhostuser.internal.sys.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where front ends come from. Thread-safe. */
interface Door extends AutoCloseable {

  /** The next connection; empty when there is none any more. Waits. */
  Optional<UnixSocket> next() throws IOException;

  /** For people. */
  String label();

  /** No connection any more; ends a wait. */
  @Override
  void close();

  /** A path on which front ends connect, one after the other. */
  static Door listen(Path path) throws IOException {
    UnixListener listener = UnixListener.listen(path);
    return new Door() {
      @Override
      public Optional<UnixSocket> next() throws IOException {
        return listener.accept();
      }

      @Override
      public String label() {
        return path.toString();
      }

      @Override
      public void close() {
        listener.close();
      }
    };
  }

  /** The one connection that this process inherited. */
  static Door inherited(int fd) throws IOException {
    UnixSocket socket = UnixSocket.inherit(fd);
    return new Door() {
      private Optional<UnixSocket> left = Optional.of(socket);

      @Override
      public synchronized Optional<UnixSocket> next() {
        Optional<UnixSocket> now = left;
        left = Optional.empty();
        return now;
      }

      @Override
      public String label() {
        return "fd " + fd;
      }

      @Override
      public synchronized void close() {
        left.ifPresent(UnixSocket::close);
        left = Optional.empty();
      }
    };
  }
}
