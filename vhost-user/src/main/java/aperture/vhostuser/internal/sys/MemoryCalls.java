package aperture.vhostuser.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls that map memory. Addresses are plain numbers here; segments are made of them in {@link
 * Mapping} alone.
 *
 * <p>Why they are needed: the JDK maps a file only through a channel, which a received descriptor
 * does not have, and cannot place several files side by side in one range of addresses.
 */
final class MemoryCalls {

  private static final MethodHandle MMAP =
      Downcalls.of(
          "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);

  private static final MethodHandle MUNMAP = Downcalls.of("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle GETPAGESIZE = Downcalls.of("getpagesize", JAVA_INT);

  private MemoryCalls() {}

  /**
   * Maps a file, or reserves addresses. Safe: without MAP_FIXED the kernel chooses unused
   * addresses; with it, {@link Mapping} has checked that the range lies in its own reservation.
   */
  static long mmap(long address, long length, int protection, int flags, int fd, long offset) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome(
          (long) MMAP.invokeExact(errno, address, length, protection, flags, fd, offset), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /**
   * Gives a mapping back. Safe: called once, with what was mapped, when the arena that all access
   * goes through has been closed, so that no access can follow.
   */
  static int munmap(long address, long length) {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) MUNMAP.invokeExact(errno, address, length), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  /** The host's page size, which file offsets must be multiples of. Safe: no arguments. */
  static int pageSize() {
    MemorySegment errno = Downcalls.slot();
    try {
      return Downcalls.outcome((int) GETPAGESIZE.invokeExact(errno), errno);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
