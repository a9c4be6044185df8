package aperture.vhostuser.internal.memory;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;

/** Ranges of the host as the guest knows them. */
public final class GuestPieces {

  private GuestPieces() {}

  /** Who is told of a piece. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * A piece that lies in one region.
     *
     * @param gpa guest-physical address of its first byte
     */
    void piece(long gpa, long bytes);
  }

  /**
   * Tells of ranges, piece by piece: pages behind an IOMMU may touch in the mapping and be of two
   * regions, far apart.
   *
   * @param memory what the ranges point into
   * @param from the first range that counts
   */
  public static void each(GuestMemory memory, DmaRanges ranges, int from, Visitor visitor) {
    for (int range = from; range < ranges.count(); range++) {
      long offset = ranges.offset(range);
      long left = ranges.length(range);
      while (left > 0) {
        long gpa = memory.gpaOf(offset);
        long piece = Math.min(left, memory.contiguousFrom(gpa));
        visitor.piece(gpa, piece);
        offset += piece;
        left -= piece;
      }
    }
  }
}
