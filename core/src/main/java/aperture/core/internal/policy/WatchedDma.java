package aperture.core.internal.policy;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.dma.UserDma;

/**
 * A driver face that poisons the memory whose numbers are those that it hands out, and notes which
 * memory is the driver's own.
 */
class WatchedDma implements DriverDma {

  private final DriverDma face;
  private final Canaries canaries;
  private final Owned owned;

  WatchedDma(DriverDma face, Canaries canaries, Owned owned) {
    this.face = face;
    this.canaries = canaries;
    this.owned = owned;
  }

  /** A face in the hands of a program. */
  static final class Chosen extends WatchedDma implements UserDma {

    private final UserDma user;
    private final Canaries poison;

    Chosen(UserDma user, Canaries canaries, Owned owned) {
      super(user, canaries, owned);
      this.user = user;
      this.poison = canaries;
    }

    @Override
    public void mapAt(long iova, long gpa, long length, Direction direction) throws DmaException {
      poison.poison(iova, length);
      user.mapAt(iova, gpa, length, direction);
    }
  }

  @Override
  public AddressSpace space() {
    return face.space();
  }

  @Override
  public boolean translated() {
    return face.translated();
  }

  @Override
  public void setAddressMask(long mask) throws DmaException {
    face.setAddressMask(mask);
  }

  @Override
  public long addressMask() {
    return face.addressMask();
  }

  @Override
  public GuestBuffer allocate(long size) throws DmaException {
    GuestBuffer buffer = face.allocate(size);
    owned.add(buffer.gpa(), buffer.size());
    return buffer;
  }

  @Override
  public void free(GuestBuffer buffer) {
    face.free(buffer);
  }

  @Override
  public CoherentBuffer allocateCoherent(long size) throws DmaException {
    CoherentBuffer buffer = face.allocateCoherent(size);
    owned.add(buffer.memory().gpa(), buffer.memory().size());
    canaries.poison(buffer.address(), buffer.memory().size());
    return buffer;
  }

  @Override
  public void freeCoherent(CoherentBuffer buffer) {
    face.freeCoherent(buffer);
  }

  @Override
  public long map(long gpa, long length, Direction direction) throws DmaException {
    long address = face.map(gpa, length, direction);
    canaries.poison(address, length);
    return address;
  }

  @Override
  public void unmap(long address, long length) throws DmaException {
    face.unmap(address, length);
  }

  @Override
  public void mapAll(ScatterList list, Direction direction) throws DmaException {
    face.mapAll(list, direction);
    for (int i = 0; i < list.mapped(); i++) {
      canaries.poison(list.address(i), list.mappedLength(i));
    }
  }

  @Override
  public void unmapAll(ScatterList list) throws DmaException {
    face.unmapAll(list);
  }

  @Override
  public void syncForCpu(long address, long length) {
    face.syncForCpu(address, length);
  }

  @Override
  public void syncForDevice(long address, long length) {
    face.syncForDevice(address, length);
  }
}
