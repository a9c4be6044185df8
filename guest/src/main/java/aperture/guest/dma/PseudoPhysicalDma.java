package aperture.guest.dma;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;

/**
 * Posts the numbers by which a paravirtual guest counts its own pages, as if they were the
 * machine's. In the machine another page has that number: the device reads and writes there, and
 * nothing reports it.
 *
 * <pre>
 *   | the buffer | as much of other pages: where its numbers lead |
 * </pre>
 *
 * <p>The other pages belong to the same driver, so that nothing else breaks. Rings are pages whose
 * two numbers happen to be equal: otherwise no request would ever be seen, and the failure would be
 * a silent device rather than silent corruption.
 */
public final class PseudoPhysicalDma extends OwnDma {

  /** What the other pages hold at first. */
  static final byte STRANGER = (byte) 0xc5;

  private static final long PAGE = 4096;

  /**
   * @param under hands out guest memory
   */
  public PseudoPhysicalDma(DriverDma under) {
    super(under, AddressSpace.PHYSICAL);
  }

  @Override
  public GuestBuffer allocate(long size) throws DmaException {
    GuestBuffer both = under().allocate(2 * ((size + PAGE - 1) & -PAGE));
    long half = both.size() / 2;
    both.fill(half, half, STRANGER);
    buffers().add(new Buffers.Piece(both, both.gpa() + half));
    return new PartOfBuffer(both, 0, half);
  }

  @Override
  public CoherentBuffer allocateCoherent(long size) throws DmaException {
    return under().allocateCoherent(size);
  }

  @Override
  public void freeCoherent(CoherentBuffer buffer) {
    under().freeCoherent(buffer);
  }

  @Override
  public long map(long gpa, long length, Direction direction) throws DmaException {
    Buffers.Piece piece = piece(gpa, length);
    long offset = piece.offset(gpa);
    if (offset + length > piece.buffer().size() / 2) {
      throw new DmaException("0x%x, %d bytes: not allocated here".formatted(gpa, length));
    }
    return piece.address() + offset;
  }

  /** Numbers are not mapped, and never end. */
  @Override
  public void unmap(long address, long length) {}
}
