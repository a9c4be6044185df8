package aperture.console.qmp;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** Lines over a Unix socket, each within a deadline. */
final class QmpLines implements AutoCloseable {

  /** Beyond what QEMU has to say about the largest machine. */
  private static final int MOST_BYTES = 4 << 20;

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final ByteBuffer incoming = ByteBuffer.allocate(1 << 14).limit(0);
  private byte[] line = new byte[1 << 12];

  private QmpLines(SocketChannel channel, Selector selector) throws IOException {
    this.channel = channel;
    this.selector = selector;
    channel.configureBlocking(false);
    this.key = channel.register(selector, 0);
  }

  static QmpLines connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new QmpLines(channel, Selector.open());
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Sends a line. */
  void send(String text, Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
    while (channel.write(bytes) >= 0 && bytes.hasRemaining()) {
      await(SelectionKey.OP_WRITE, deadline);
    }
  }

  /**
   * The next line.
   *
   * @throws SocketTimeoutException when it has not come in time
   */
  String next(Duration limit) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    int length = 0;
    while (true) {
      while (!incoming.hasRemaining()) {
        fill(deadline);
      }
      byte each = incoming.get();
      if (each == '\n') {
        return new String(line, 0, length, StandardCharsets.UTF_8);
      }
      if (length == MOST_BYTES) {
        throw new IOException("a line of more than %d bytes".formatted(MOST_BYTES));
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, Math.min(MOST_BYTES, 2 * length));
      }
      line[length++] = each;
    }
  }

  private void fill(long deadline) throws IOException {
    incoming.clear();
    int read = channel.read(incoming);
    incoming.flip();
    if (read < 0) {
      throw new IOException("the connection has ended");
    }
    if (read == 0) {
      await(SelectionKey.OP_READ, deadline);
    }
  }

  private void await(int operation, long deadline) throws IOException {
    long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    if (millis <= 0) {
      throw new SocketTimeoutException("no answer in time");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new IOException("interrupted");
    }
    key.interestOps(operation);
    selector.select(millis);
    selector.selectedKeys().clear();
  }

  @Override
  public void close() {
    try (channel;
        selector) {
      key.cancel();
    } catch (IOException e) {
      // Closed as far as it can be; nobody waits for what it would say.
    }
  }
}
