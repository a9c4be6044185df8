package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One piece of a file that a peer gave, mapped until it is closed.
 *
 * <p>Threading: whoever closes it sees to it that nobody uses the segment any more.
 */
public final class MappedPiece implements AutoCloseable {

  private final Arena arena;
  private final MemorySegment segment;

  private MappedPiece(Arena arena, MemorySegment segment) {
    this.arena = arena;
    this.segment = segment;
  }

  /**
   * Maps a piece.
   *
   * @param what it is, for the message when it cannot be
   * @param fd taken in any case
   * @param offset where it begins, as the peer said
   * @param bytes how many; less than one for what the peer cannot have meant
   * @throws IOException when it is not in the file
   */
  public static MappedPiece of(String what, Fd fd, long offset, long bytes) throws IOException {
    try (fd) {
      boolean fits =
          bytes > 0
              && offset >= 0
              && offset % Mapping.pageSize() == 0
              && offset <= fd.size() - bytes;
      if (!fits) {
        throw new IOException("%s, in a file of %d bytes".formatted(what, fd.size()));
      }
      Arena arena = Arena.ofShared();
      try {
        return new MappedPiece(arena, Mapping.of(fd, offset, bytes, arena));
      } catch (IOException | RuntimeException e) {
        arena.close();
        throw e;
      }
    }
  }

  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    arena.close();
  }
}
