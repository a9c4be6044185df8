package aperture.core.internal.policy;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import java.util.ArrayList;
import java.util.List;

/** Takes the IOVAs that are no numbers of memory which is kept free, piece by small piece. */
final class Filler {

  /** Less than any large page, so that nothing is left out for alignment. */
  private static final long PIECE = 1L << 20;

  private final long base;
  private final long firstNumber;
  private final List<Long> taken = new ArrayList<>();

  /**
   * @param base first byte of memory
   * @param firstNumber lowest IOVA that is to be left
   */
  Filler(long base, long firstNumber) {
    this.base = base;
    this.firstNumber = firstNumber;
  }

  /** Takes them through a face; nothing where it does not translate. */
  void take(DriverDma face) throws DmaException {
    if (!face.translated() || firstNumber == 0) {
      return;
    }
    long end;
    do {
      long iova = face.map(base, PIECE, Direction.TO_DEVICE);
      taken.add(iova);
      end = iova + PIECE;
    } while (Long.compareUnsigned(end, firstNumber) < 0);
  }

  /** Gives them back through the same face. */
  void giveBack(DriverDma face) throws DmaException {
    for (long iova : taken) {
      face.unmap(iova, PIECE);
    }
    taken.clear();
  }
}
