package aperture.guest.dma;

import aperture.dma.GuestBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a driver holds, to be found by guest-physical address. Thread-safe; a look-up
 * takes no lock and allocates nothing.
 */
final class Buffers {

  /**
   * Memory in one piece.
   *
   * @param buffer the memory
   * @param address where the device is told that it is, when that does not change
   */
  record Piece(GuestBuffer buffer, long address) {

    /** How far into the piece a guest-physical address lies. */
    long offset(long gpa) {
      return gpa - buffer.gpa();
    }
  }

  /** In ascending order; replaced as a whole. */
  private volatile Piece[] pieces = {};

  synchronized void add(Piece piece) {
    Piece[] now = pieces;
    int at = after(now, piece.buffer().gpa());
    Piece[] next = Arrays.copyOf(now, now.length + 1);
    System.arraycopy(now, at, next, at + 1, now.length - at);
    next[at] = piece;
    pieces = next;
  }

  /**
   * Forgets a piece.
   *
   * @throws IllegalArgumentException when none starts there
   */
  synchronized Piece remove(long gpa) {
    Piece[] now = pieces;
    int at = after(now, gpa) - 1;
    if (at < 0 || now[at].buffer().gpa() != gpa) {
      throw new IllegalArgumentException("0x%x was not allocated here".formatted(gpa));
    }
    Piece[] next = Arrays.copyOf(now, now.length - 1);
    System.arraycopy(now, at + 1, next, at, next.length - at);
    pieces = next;
    return now[at];
  }

  /** The piece that contains the whole range. */
  @Nullable Piece find(long gpa, long length) {
    Piece[] now = pieces;
    int at = after(now, gpa) - 1;
    if (at < 0) {
      return null;
    }
    Piece piece = now[at];
    long offset = piece.offset(gpa);
    long size = piece.buffer().size();
    // Unsigned: an address may be anything.
    boolean inside = Long.compareUnsigned(offset, size) < 0;
    return inside && length > 0 && length <= size - offset ? piece : null;
  }

  List<Piece> all() {
    return List.of(pieces);
  }

  /** The index of the first piece that starts after an address. */
  private static int after(Piece[] pieces, long gpa) {
    int low = 0;
    int high = pieces.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(pieces[middle].buffer().gpa(), gpa) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
