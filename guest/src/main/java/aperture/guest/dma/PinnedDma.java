package aperture.guest.dma;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.dma.UserDma;

/**
 * Maps memory once, when it is allocated, in both directions, and until it is given back, as a
 * program with a device in its hands does with the memory that it does I/O from. Mapping a request
 * is then a look-up.
 */
public final class PinnedDma extends OwnDma {

  private static final System.Logger LOG = System.getLogger(PinnedDma.class.getName());

  /** Which addresses memory gets. */
  public enum Placement {
    /** Some that the IOMMU can express. */
    ANYWHERE,
    /** Those that it has anyway: one to one. */
    AS_IT_LIES
  }

  private final UserDma user;
  private final Placement placement;

  /**
   * @param user the endpoint
   */
  public PinnedDma(UserDma user, Placement placement) {
    super(user, AddressSpace.BUS);
    this.user = user;
    this.placement = placement;
  }

  @Override
  public GuestBuffer allocate(long size) throws DmaException {
    GuestBuffer buffer = user.allocate(size);
    try {
      buffers().add(new Buffers.Piece(buffer, pin(buffer)));
      return buffer;
    } catch (DmaException e) {
      user.free(buffer);
      throw e;
    }
  }

  private long pin(GuestBuffer buffer) throws DmaException {
    long gpa = buffer.gpa();
    return switch (placement) {
      case ANYWHERE -> user.map(gpa, buffer.size(), Direction.BIDIRECTIONAL);
      case AS_IT_LIES -> {
        user.mapAt(gpa, gpa, buffer.size(), Direction.BIDIRECTIONAL);
        yield gpa;
      }
    };
  }

  @Override
  public void free(GuestBuffer buffer) {
    Buffers.Piece piece = buffers().remove(buffer.gpa());
    try {
      user.unmap(piece.address(), piece.buffer().size());
      user.free(piece.buffer());
    } catch (DmaException e) {
      // What the device may still reach is nobody else's.
      LOG.log(System.Logger.Level.WARNING, "buffer stays mapped: {0}", e.getMessage());
    }
  }

  @Override
  public void freeCoherent(CoherentBuffer buffer) {
    free(buffer.memory());
  }

  @Override
  public long map(long gpa, long length, Direction direction) throws DmaException {
    Buffers.Piece piece = piece(gpa, length);
    return piece.address() + piece.offset(gpa);
  }

  /** Nothing ends before the memory is given back. */
  @Override
  public void unmap(long address, long length) {}
}
