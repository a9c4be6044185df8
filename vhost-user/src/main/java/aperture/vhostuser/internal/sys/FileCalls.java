package aperture.vhostuser.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Calls on descriptors of any kind. Each gives a result, or the negative errno.
 *
 * <p>Why they are needed: descriptors that arrive in messages belong to no object of the JDK, and
 * the JDK knows neither eventfds nor memory files nor a way to wait for several descriptors.
 */
final class FileCalls {

  private static final MethodHandle CLOSE = Downcalls.of("close", JAVA_INT, JAVA_INT);

  private static final MethodHandle READ =
      Downcalls.of("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  private static final MethodHandle WRITE =
      Downcalls.of("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  private static final MethodHandle EVENTFD = Downcalls.of("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);

  private static final MethodHandle POLL =
      Downcalls.of("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);

  private static final MethodHandle FCNTL =
      Downcalls.variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  private static final MethodHandle MEMFD_CREATE =
      Downcalls.of("memfd_create", JAVA_INT, ADDRESS, JAVA_INT);

  private static final MethodHandle FTRUNCATE =
      Downcalls.of("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);

  private static final MethodHandle STATX =
      Downcalls.of("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);

  private static final Optional<MethodHandle> PREADV2 =
      Downcalls.find("preadv2", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT);

  private static final MethodHandle STRERROR = Downcalls.of("strerror", ADDRESS, JAVA_INT);

  private static final int RWF_NOWAIT = 8;
  private static final int LONGEST_REASON = 256;

  private FileCalls() {}

  /**
   * Gives a descriptor back. Safe: only {@link Fd} calls it, once per descriptor and after its last
   * user. Never repeated on EINTR: Linux has closed it by then, and the number may be another's.
   */
  static int close(int fd) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) CLOSE.invokeExact(errno, fd), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Empties an eventfd where {@link #readNow} does not exist. Safe: writes at most {@code length}
   * bytes into a buffer of that size.
   */
  static long read(int fd, MemorySegment buffer, long length) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((long) READ.invokeExact(errno, fd, buffer, length), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Signals an eventfd. Safe: reads {@code length} bytes of a buffer of that size. */
  static long write(int fd, MemorySegment buffer, long length) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((long) WRITE.invokeExact(errno, fd, buffer, length), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Makes an eventfd. Safe: plain numbers. */
  static int eventfd(int initial, int flags) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) EVENTFD.invokeExact(errno, initial, flags), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Waits for descriptors. Safe: reads and writes {@code count} entries of {@link PollLayout} in an
   * array that {@link Poller} keeps and allocated for that number.
   */
  static int poll(MemorySegment fds, long count, int timeout) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) POLL.invokeExact(errno, fds, count, timeout), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Reads flags of a descriptor and seals memory files. Safe: only commands with a number for an
   * argument are used.
   */
  static int fcntl(int fd, int command, int argument) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) FCNTL.invokeExact(errno, fd, command, argument), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Makes a nameless file of memory. Safe: reads a zero-terminated name. */
  static int memfdCreate(MemorySegment name, int flags) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) MEMFD_CREATE.invokeExact(errno, name, flags), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** Sets the size of a memory file. Safe: plain numbers; used on our own files alone. */
  static int ftruncate(int fd, long size) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) FTRUNCATE.invokeExact(errno, fd, size), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Tells the size and kind of a file. Chosen over fstat because its structure is the same on every
   * processor. Safe: writes one {@link StatLayout}, which the caller allocated.
   */
  static int statx(int directory, MemorySegment path, int flags, int mask, MemorySegment result) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome(
          (int) STATX.invokeExact(errno, directory, path, flags, mask, result), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Reads without waiting, whatever the descriptor's own flags say: they are shared with the peer,
   * who could clear them while we are about to read. Safe as {@link #read}.
   *
   * @return {@code -ENOSYS} where the C library does not have it
   */
  static long readNow(int fd, MemorySegment vector) {
    if (PREADV2.isEmpty()) {
      return -Errno.ENOSYS;
    }
    MemorySegment errno = Downcalls.slot();
    try {
      long read = (long) PREADV2.get().invokeExact(errno, fd, vector, 1, -1L, RWF_NOWAIT);
      return Downcalls.outcome(read, errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * The system's words for an error number. Safe: the C library returns a zero-terminated string of
   * its own; the length read is bounded here.
   */
  @SuppressWarnings("restricted") // bounded, as said above
  static String strerror(int errno) {
    try {
      MemorySegment slot = Downcalls.slot();
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(slot, errno);
      return text.reinterpret(LONGEST_REASON).getString(0, StandardCharsets.UTF_8);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
