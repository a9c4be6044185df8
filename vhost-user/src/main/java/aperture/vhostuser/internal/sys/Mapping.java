package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Addresses reserved for several files side by side, as one segment.
 *
 * <p>Reserve, {@link #place} files into it, then take the {@link #segment}. What no file covers is
 * {@link #pad}ded, for an access to addresses without a mapping would end the process. An access to
 * pages that the file lost since throws an {@link InternalError}, and a call of the system fails.
 *
 * <p>Threading: confined to one thread until the segment is taken.
 */
public final class Mapping implements AutoCloseable {

  /** Pages above this size are none that a host has. */
  static final long LARGEST_UNIT = 1L << 30;

  private static final int PROT_NONE = 0;
  private static final int READ_WRITE = 3;
  private static final int SHARED = 1;
  private static final int PRIVATE = 2;
  private static final int FIXED = 0x10;
  private static final int ANONYMOUS = 0x20;
  private static final int NO_RESERVE = 0x4000;
  private static final int NO_FILE = -1;

  private final long reserved;
  private final long reservedLength;
  private final long begin;
  private final long length;
  private boolean taken;

  private Mapping(long reserved, long reservedLength, long begin, long length) {
    this.reserved = reserved;
    this.reservedLength = reservedLength;
    this.begin = begin;
    this.length = length;
  }

  /** The host's page size: offsets in files are multiples of it. */
  public static int pageSize() {
    return MemoryCalls.pageSize();
  }

  /**
   * Reserves addresses, which costs no memory.
   *
   * @param length bytes, at least 1
   * @param alignment of the first byte, a power of two of at least a page
   */
  public static Mapping reserve(long length, long alignment) throws IOException {
    // Twice the address space of a process, so that sums below do not overflow.
    if (length <= 0 || length > 1L << 48) {
      throw new IOException("cannot reserve %d bytes of addresses".formatted(length));
    }
    long whole = length + alignment;
    int flags = PRIVATE | ANONYMOUS | NO_RESERVE;
    long at =
        SyscallException.check(
            "mmap of " + whole + " bytes of addresses",
            MemoryCalls.mmap(0, whole, PROT_NONE, flags, NO_FILE, 0));
    return new Mapping(at, whole, (at + alignment - 1) & -alignment, length);
  }

  /**
   * Maps one piece of a file, for everybody who has the file to see.
   *
   * @param fd the file, at least {@code offset + length} bytes long
   * @param offset in the file, a multiple of its mapping unit
   * @param length bytes, at least 1
   * @param arena when it is closed, the mapping is gone
   */
  public static MemorySegment of(Fd fd, long offset, long length, Arena arena) throws IOException {
    try (Mapping mapping = reserve(length, pageSize())) {
      requireInside(fd, offset, length);
      mapping.place(0, fd, offset, length);
      return mapping.segment(arena);
    }
  }

  private static void requireInside(Fd fd, long offset, long length) throws IOException {
    long size = fd.size();
    if (offset < 0 || offset > size || length > size - offset) {
      throw new IOException(
          "%d bytes from %d are more than the file's %d".formatted(length, offset, size));
    }
  }

  /** Puts a piece of a file at a position of the reservation; all are multiples of its unit. */
  public void place(long position, Fd fd, long offset, long bytes) throws IOException {
    int number = fd.enter();
    try {
      fix("mmap of " + fd, position, bytes, SHARED, number, offset);
    } finally {
      fd.leave();
    }
  }

  /** Puts memory of nobody at a position, which costs nothing until it is touched. */
  public void pad(long position, long bytes) throws IOException {
    fix("mmap of padding", position, bytes, PRIVATE | ANONYMOUS | NO_RESERVE, NO_FILE, 0);
  }

  private void fix(String what, long position, long bytes, int flags, int number, long offset)
      throws IOException {
    if (taken) {
      throw new IllegalStateException("the segment has been taken");
    }
    // What MAP_FIXED replaces must be ours: the heap lies in the same address space.
    if (position < 0 || bytes <= 0 || bytes > roundUp(length) - position) {
      throw new IllegalArgumentException(
          "%d bytes at %d of %d reserved".formatted(bytes, position, length));
    }
    SyscallException.check(
        what, MemoryCalls.mmap(begin + position, bytes, READ_WRITE, flags | FIXED, number, offset));
  }

  private static long roundUp(long bytes) {
    return (bytes + pageSize() - 1) & -(long) pageSize();
  }

  /**
   * Everything as one segment.
   *
   * @param arena when it is closed, the addresses are given back
   */
  @SuppressWarnings("restricted") // exactly what was reserved, for as long as the arena lives
  public MemorySegment segment(Arena arena) {
    if (taken) {
      throw new IllegalStateException("the segment has been taken");
    }
    taken = true;
    return MemorySegment.ofAddress(begin).reinterpret(length, arena, _ -> giveBack());
  }

  /** Gives the addresses back if the segment has not been taken. */
  @Override
  public void close() {
    if (!taken) {
      taken = true;
      giveBack();
    }
  }

  private void giveBack() {
    // Fails only for a range that is no mapping, which this one is.
    int ignored = MemoryCalls.munmap(reserved, reservedLength);
  }
}
