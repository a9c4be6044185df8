package aperture.vhostuser.testkit;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.IotlbMessage;
import java.io.IOException;

/**
 * The driver face of a device behind a front end's IOMMU: an unmap returns when the back end has
 * acknowledged the invalidation.
 */
final class FrontEndDma implements DriverDma {

  private final DriverDma face;
  private final FrontEndLink link;
  private volatile boolean live;
  private volatile long invalidations;

  FrontEndDma(DriverDma face, FrontEndLink link) {
    this.face = face;
    this.link = link;
  }

  /** Whether the back end translates at all: it is told of nothing before. */
  void live(boolean translates) {
    live = translates;
  }

  long invalidations() {
    return invalidations;
  }

  private synchronized void invalidate(long address, long length) throws DmaException {
    if (!live) {
      return;
    }
    invalidations = invalidations + 1;
    try {
      link.must(
          FrontEndRequest.IOTLB_MSG,
          new IotlbMessage(IotlbMessage.Type.INVALIDATE, address, length, 0, 0).encode());
    } catch (IOException e) {
      throw new DmaException("the back end did not acknowledge an invalidation", e);
    }
  }

  @Override
  public void unmap(long address, long length) throws DmaException {
    face.unmap(address, length);
    invalidate(address, length);
  }

  @Override
  public void unmapAll(ScatterList list) throws DmaException {
    int count = list.mapped();
    long[] addresses = new long[count];
    long[] lengths = new long[count];
    for (int i = 0; i < count; i++) {
      addresses[i] = list.address(i);
      lengths[i] = list.mappedLength(i);
    }
    face.unmapAll(list);
    for (int i = 0; i < count; i++) {
      invalidate(addresses[i], lengths[i]);
    }
  }

  @Override
  public void freeCoherent(CoherentBuffer buffer) {
    face.freeCoherent(buffer);
    try {
      invalidate(buffer.address(), buffer.memory().size());
    } catch (DmaException e) {
      throw new IllegalStateException(e);
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
    return face.allocate(size);
  }

  @Override
  public void free(GuestBuffer buffer) {
    face.free(buffer);
  }

  @Override
  public CoherentBuffer allocateCoherent(long size) throws DmaException {
    return face.allocateCoherent(size);
  }

  @Override
  public long map(long gpa, long length, Direction direction) throws DmaException {
    return face.map(gpa, length, direction);
  }

  @Override
  public void mapAll(ScatterList list, Direction direction) throws DmaException {
    face.mapAll(list, direction);
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
