package aperture.guest.dma;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;

/**
 * A driver face over another that makes its addresses itself. It maps memory that it allocated, and
 * no other.
 *
 * <p>Thread-safe, as every driver face; mapping allocates nothing.
 */
public abstract sealed class OwnDma implements DriverDma, AutoCloseable
    permits BounceDma, GrantDma, OneToOneDma, PinnedDma, PseudoPhysicalDma {

  private final DriverDma under;
  private final AddressSpace space;
  private final Buffers buffers = new Buffers();

  OwnDma(DriverDma under, AddressSpace space) {
    this.under = under;
    this.space = space;
  }

  /** Closes a driver face that is one of these; leaves others alone. */
  public static void giveBack(DriverDma dma) {
    if (dma instanceof OwnDma own) {
      own.close();
    }
  }

  /** The driver face beneath. */
  final DriverDma under() {
    return under;
  }

  /** What was allocated here and not given back. */
  final Buffers buffers() {
    return buffers;
  }

  /** The piece that a range of guest memory lies in. */
  final Buffers.Piece piece(long gpa, long length) throws DmaException {
    Buffers.Piece piece = buffers.find(gpa, length);
    if (piece == null) {
      throw new DmaException("0x%x, %d bytes: not allocated here".formatted(gpa, length));
    }
    return piece;
  }

  static DmaException notMapped(long address, long length) {
    return new DmaException("0x%x, %d bytes: no such mapping".formatted(address, length));
  }

  @Override
  public final AddressSpace space() {
    return space;
  }

  @Override
  public boolean translated() {
    return under.translated();
  }

  @Override
  public final void setAddressMask(long mask) throws DmaException {
    under.setAddressMask(mask);
  }

  @Override
  public final long addressMask() {
    return under.addressMask();
  }

  @Override
  public GuestBuffer allocate(long size) throws DmaException {
    GuestBuffer buffer = under.allocate(size);
    buffers.add(new Buffers.Piece(buffer, buffer.gpa()));
    return buffer;
  }

  @Override
  public void free(GuestBuffer buffer) {
    under.free(buffers.remove(buffer.gpa()).buffer());
  }

  @Override
  public CoherentBuffer allocateCoherent(long size) throws DmaException {
    GuestBuffer buffer = allocate(size);
    buffer.fill(0, buffer.size(), (byte) 0);
    try {
      return new CoherentBuffer(buffer, map(buffer.gpa(), buffer.size(), Direction.BIDIRECTIONAL));
    } catch (DmaException e) {
      free(buffer);
      throw e;
    }
  }

  @Override
  public void freeCoherent(CoherentBuffer buffer) {
    try {
      unmap(buffer.address(), buffer.memory().size());
    } catch (DmaException e) {
      throw new IllegalArgumentException("not a coherent buffer of this driver", e);
    }
    free(buffer.memory());
  }

  @Override
  public final void mapAll(ScatterList list, Direction direction) throws DmaException {
    list.clearMapped();
    int done = 0;
    try {
      for (; done < list.pieces(); done++) {
        long length = list.length(done);
        list.appendMapped(map(list.gpa(done), length, direction), length);
      }
    } catch (DmaException e) {
      unmapPieces(list, done);
      list.clearMapped();
      throw e;
    }
  }

  @Override
  public final void unmapAll(ScatterList list) throws DmaException {
    unmapPieces(list, list.pieces());
    list.clearMapped();
  }

  /** Ends the mappings of the first {@code pieces}, which merged where their addresses touched. */
  private void unmapPieces(ScatterList list, int pieces) throws DmaException {
    int range = 0;
    long inRange = 0;
    for (int i = 0; i < pieces; i++) {
      unmap(list.address(range) + inRange, list.length(i));
      inRange += list.length(i);
      if (inRange == list.mappedLength(range)) {
        range++;
        inRange = 0;
      }
    }
  }

  @Override
  public void syncForCpu(long address, long length) {
    under.syncForCpu(address, length);
  }

  @Override
  public void syncForDevice(long address, long length) {
    under.syncForDevice(address, length);
  }

  /** Gives back everything that is left; the device has been reset. */
  @Override
  public void close() {
    buffers.all().forEach(piece -> free(piece.buffer()));
  }
}
