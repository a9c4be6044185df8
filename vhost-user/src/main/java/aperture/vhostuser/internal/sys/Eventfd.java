package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An eventfd: a counter in the kernel that one side adds to and the other waits for and clears.
 *
 * <p>One received from a peer shares its flags and its counter with the peer. Nothing here waits
 * because the peer has changed either, with one exception: a peer that fills the counter in the
 * instant between {@link #signal}'s look and its write, on a descriptor that it made blocking,
 * holds up its own device's thread until {@link #release}.
 */
public final class Eventfd implements AutoCloseable {

  private static final String KIND = "anon_inode:[eventfd]";
  private static final int CLOSE_ON_EXEC = 0x8_0000;
  private static final int NON_BLOCKING = 0x800;
  private static final int GET_FLAGS = 3;

  private static final MemorySegment ONE = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);

  /** Where counts go that nobody asks for. */
  private static final MemorySegment SINK = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);

  private static final MemorySegment SINK_VECTOR =
      Arena.ofAuto().allocate(MessageLayout.VECTOR_LENGTH, Long.BYTES);

  static {
    ONE.set(ValueLayout.JAVA_LONG, 0, 1);
    MessageLayout.vector(SINK_VECTOR, SINK, 0, Long.BYTES);
  }

  private final Fd fd;
  private final boolean mayBlock;
  private final Poller readable;
  private final Poller writable;

  private Eventfd(Fd fd, boolean mayBlock) {
    this.fd = fd;
    this.mayBlock = mayBlock;
    readable = new Poller(fd);
    writable = Poller.ofWritable(fd);
  }

  /** Makes one of our own. */
  public static Eventfd create() throws IOException {
    int outcome = FileCalls.eventfd(0, CLOSE_ON_EXEC | NON_BLOCKING);
    return new Eventfd(Fd.made("eventfd", outcome), false);
  }

  /**
   * Takes one from a peer; it is closed if it is none.
   *
   * @throws IOException when the descriptor is something else: a file that is always readable would
   *     keep a thread busy for ever, one that never takes a byte would hold it up
   */
  public static Eventfd adopt(Fd fd) throws IOException {
    try {
      int number = fd.enter();
      try {
        String kind = Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
        if (!kind.equals(KIND)) {
          throw new IOException("descriptor is %s instead of an eventfd".formatted(kind));
        }
        int flags = SyscallException.check("fcntl", FileCalls.fcntl(number, GET_FLAGS, 0));
        return new Eventfd(fd, (flags & NON_BLOCKING) == 0);
      } finally {
        fd.leave();
      }
    } catch (IOException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  /** For a {@link Poller}. */
  public Fd fd() {
    return fd;
  }

  /**
   * Adds one; wakes whoever waits. A full counter is left as it is: whoever waits has been told
   * already.
   */
  public void signal() throws IOException {
    int outcome;
    do {
      if (mayBlock && !hasRoom()) {
        return;
      }
      outcome = writeOnce();
    } while (outcome == -Errno.EINTR);
    if (outcome != -Errno.EAGAIN) {
      SyscallException.check("write to eventfd", outcome);
    }
  }

  private boolean hasRoom() throws IOException {
    synchronized (writable) {
      return writable.await(0);
    }
  }

  private int writeOnce() throws IOException {
    int number = fd.enter();
    try {
      return (int) FileCalls.write(number, ONE, Long.BYTES);
    } finally {
      fd.leave();
    }
  }

  /**
   * Clears the counter without waiting.
   *
   * @return whether it was above zero
   */
  public boolean drain() throws IOException {
    while (true) {
      long outcome = readOnce();
      if (outcome == -Errno.EAGAIN) {
        return false;
      }
      if (outcome != -Errno.EINTR) {
        return SyscallException.check("read from eventfd", outcome) > 0;
      }
    }
  }

  private long readOnce() throws IOException {
    int number = fd.enter();
    try {
      long outcome = FileCalls.readNow(number, SINK_VECTOR);
      if (outcome != -Errno.ENOSYS && outcome != -Errno.EOPNOTSUPP) {
        return outcome;
      }
      // Kernels before 5.8: a look, then a read.
      if (mayBlock && !new Poller(fd).await(0)) {
        return -Errno.EAGAIN;
      }
      return FileCalls.read(number, SINK, Long.BYTES);
    } finally {
      fd.leave();
    }
  }

  /**
   * Waits until the counter is above zero, and clears it. One thread at a time.
   *
   * @param milliseconds at most so long; {@link Poller#FOREVER}
   * @return whether it was
   */
  public boolean await(int milliseconds) throws IOException {
    return readable.await(milliseconds) && drain();
  }

  /** Frees a thread of ours that a full counter holds up in {@link #signal}. */
  public void release() throws IOException {
    drain();
  }

  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return "eventfd on " + fd;
  }
}
