package aperture.vhostuser.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.sys.UnixSocket;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/** A connection, a file to send over it, and the count of descriptors that must be open after. */
final class Wire implements AutoCloseable {

  private final long before = Fd.open();
  private final UnixSocket.Pair pair;
  private final Fd file;

  Wire() throws IOException {
    pair = UnixSocket.pair();
    file = MemoryFile.create("sent", 4096);
  }

  /** The end of the peer. */
  UnixSocket peer() {
    return pair.left();
  }

  /** The end under test. */
  UnixSocket own() {
    return pair.right();
  }

  List<Fd> files(int count) {
    return Collections.nCopies(count, file);
  }

  Fd[] fileArray(int count) {
    return files(count).toArray(Fd[]::new);
  }

  /** Descriptors open beside this connection's own three. */
  long strays() {
    return Fd.open() - before - 3;
  }

  @Override
  public void close() {
    pair.close();
    file.close();
    assertThat(Fd.open()).as("open descriptors").isEqualTo(before);
  }
}
