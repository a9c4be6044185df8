package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;

/** Files of memory without a name, to be shared by passing their descriptor. */
public final class MemoryFile {

  private static final int CLOSE_ON_EXEC = 1;
  private static final int ALLOW_SEALING = 2;
  private static final int ADD_SEALS = 1033;
  private static final int SEAL_SEAL = 1;
  private static final int SEAL_SHRINK = 2;
  private static final int SEAL_GROW = 4;

  private MemoryFile() {}

  /** Makes one of zeroes; whoever has the descriptor can change its size. */
  public static Fd create(String name, long size) throws IOException {
    return make(name, size, CLOSE_ON_EXEC);
  }

  /** Makes one of zeroes whose size nobody can change, so that a mapping of it stays whole. */
  public static Fd createFixed(String name, long size) throws IOException {
    Fd fd = make(name, size, CLOSE_ON_EXEC | ALLOW_SEALING);
    try {
      int number = fd.enter();
      try {
        int seals = SEAL_SEAL | SEAL_SHRINK | SEAL_GROW;
        SyscallException.check("seal " + name, FileCalls.fcntl(number, ADD_SEALS, seals));
      } finally {
        fd.leave();
      }
      return fd;
    } catch (IOException | RuntimeException e) {
      fd.close();
      throw e;
    }
  }

  private static Fd make(String name, long size, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int outcome = FileCalls.memfdCreate(arena.allocateFrom(name, StandardCharsets.UTF_8), flags);
      Fd fd = Fd.made("memfd_create " + name, outcome);
      try {
        resize(fd, size);
        return fd;
      } catch (IOException | RuntimeException e) {
        fd.close();
        throw e;
      }
    }
  }

  /** Changes the size of a file. */
  public static void resize(Fd fd, long size) throws IOException {
    int number = fd.enter();
    try {
      int outcome;
      do {
        outcome = FileCalls.ftruncate(number, size);
      } while (outcome == -Errno.EINTR);
      SyscallException.check("ftruncate to " + size, outcome);
    } finally {
      fd.leave();
    }
  }
}
