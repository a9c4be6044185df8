package aperture.devices.store;

import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An open raw image, locked against other users for as long as it is open: exclusively when it can
 * be written, shared when it can only be read. Thread-safe.
 *
 * <p>The JDK closes a file channel when a thread that uses it is interrupted. An image belongs to
 * several workers, so it is opened again, and what was interrupted goes on where it was.
 */
final class ImageFile implements AutoCloseable {

  /** More interrupts than this during one operation make it fail. */
  private static final int MOST_REOPENS = 8;

  private final Path path;
  private final boolean readOnly;
  private final Object identity;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile long size;
  private volatile FileChannel channel;
  private boolean closed;

  /** A use of the channel that can be taken up again with another one. */
  @FunctionalInterface
  private interface Use {
    void on(FileChannel current) throws IOException;
  }

  private ImageFile(Path path, boolean readOnly, Object identity, FileChannel channel)
      throws IOException {
    this.path = path;
    this.readOnly = readOnly;
    this.identity = identity;
    this.channel = channel;
    this.size = channel.size();
  }

  /**
   * Opens and locks an image.
   *
   * @throws IOException when it cannot be opened; {@link ImageLockedException} when others use it
   */
  static ImageFile open(Path path, boolean readOnly) throws IOException {
    FileChannel channel = openLocked(path, readOnly);
    try {
      return new ImageFile(path, readOnly, identity(path), channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** What tells a file from others, whatever its names. */
  static Object identity(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return Objects.requireNonNullElse(key, path.toRealPath());
  }

  private static FileChannel openLocked(Path path, boolean readOnly) throws IOException {
    Set<StandardOpenOption> how =
        readOnly
            ? Set.of(StandardOpenOption.READ)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileChannel channel = FileChannel.open(path, how);
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, readOnly);
      if (lock == null) {
        throw new ImageLockedException(path);
      }
      return channel;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new ImageLockedException(path);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  boolean readOnly() {
    return readOnly;
  }

  /** Bytes, as they were when the size was looked at last. */
  long size() {
    return size;
  }

  /** Who is told when the size has changed, until it no longer listens. */
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void forget(Runnable listener) {
    listeners.remove(listener);
  }

  /**
   * Reads into guest memory.
   *
   * @return bytes read, fewer than {@code length} only when the file has become shorter
   */
  long read(ChainWriter target, long position, long length) throws IOException {
    long whenDone = target.remaining() - length;
    boolean interrupted = false;
    try {
      for (int attempt = 0; ; attempt++) {
        FileChannel current = channel;
        long left = target.remaining() - whenDone;
        long done = length - left;
        try {
          return done + target.transferFrom(current, position + done, left);
        } catch (ClosedChannelException e) {
          interrupted |= reopen(attempt, e);
        }
      }
    } finally {
      restore(interrupted);
    }
  }

  /** Writes from guest memory. */
  void write(ChainReader source, long position, long length) throws IOException {
    long whenDone = source.remaining() - length;
    boolean interrupted = false;
    try {
      for (int attempt = 0; ; attempt++) {
        FileChannel current = channel;
        long left = source.remaining() - whenDone;
        try {
          source.transferTo(current, position + (length - left), left);
          return;
        } catch (ClosedChannelException e) {
          interrupted |= reopen(attempt, e);
        }
      }
    } finally {
      restore(interrupted);
    }
  }

  /** Fills a buffer with a piece, or with as much of it as the file has. */
  void read(ByteBuffer target, long position) throws IOException {
    int from = target.position();
    persist(current -> {
      int moved = 0;
      while (target.hasRemaining() && moved >= 0) {
        moved = current.read(target, position + (target.position() - from));
      }
    });
  }

  /** Writes what a buffer holds. */
  void write(ByteBuffer source, long position) throws IOException {
    int from = source.position();
    persist(current -> {
      while (source.hasRemaining()) {
        current.write(source, position + (source.position() - from));
      }
    });
  }

  /** Makes every write that has returned durable. */
  void flush() throws IOException {
    persist(current -> current.force(false));
  }

  /** Looks at the size again. */
  void refresh() throws IOException {
    resized(current -> {});
  }

  /** Makes the file end elsewhere; what is new is a hole. */
  void resize(long bytes) throws IOException {
    resized(current -> {
      if (bytes <= current.size()) {
        current.truncate(bytes);
      } else {
        current.write(ByteBuffer.allocate(1), bytes - 1);
      }
    });
  }

  private void resized(Use how) throws IOException {
    long before;
    long after;
    synchronized (listeners) {
      before = size;
      persist(current -> {
        how.on(current);
        size = current.size();
      });
      after = size;
    }
    if (after != before) {
      listeners.forEach(Runnable::run);
    }
  }

  private void persist(Use use) throws IOException {
    boolean interrupted = false;
    try {
      for (int attempt = 0; ; attempt++) {
        try {
          use.on(channel);
          return;
        } catch (ClosedChannelException e) {
          interrupted |= reopen(attempt, e);
        }
      }
    } finally {
      restore(interrupted);
    }
  }

  /**
   * Replaces a channel that an interrupt closed, unless another thread has done so.
   *
   * @return whether this thread was interrupted; its flag is clear, or the new channel would close
   */
  private synchronized boolean reopen(int attempt, ClosedChannelException cause)
      throws IOException {
    if (closed || attempt == MOST_REOPENS) {
      throw cause;
    }
    boolean interrupted = Thread.interrupted();
    try {
      if (!channel.isOpen()) {
        FileChannel next = openLocked(path, readOnly);
        if (!identity(path).equals(identity)) {
          next.close();
          throw new IOException("image " + path + " has been replaced by another file");
        }
        channel = next;
      }
      return interrupted;
    } catch (IOException e) {
      restore(interrupted);
      throw e;
    }
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      System.getLogger(ImageFile.class.getName())
          .log(System.Logger.Level.WARNING, "closing image " + path, e);
    }
  }
}
