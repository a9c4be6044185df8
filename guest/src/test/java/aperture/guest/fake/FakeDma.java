package aperture.guest.fake;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.dma.UserDma;
import aperture.iommu.Access;
import aperture.memory.GuestMemory;
import java.util.TreeMap;

/**
 * The driver face of a test bus: every mapping gets new addresses, so that the use of an old one
 * shows. In the physical space, and on a bus that does not translate, addresses are what they are.
 */
public final class FakeDma implements UserDma {

  private static final long FIRST_IOVA = 1L << 40;

  private record Mapping(long gpa, long length, Direction direction) {}

  private final GuestMemory memory;
  private final FakePages pages;
  private final AddressSpace space;
  private final TreeMap<Long, Mapping> mappings = new TreeMap<>();
  private volatile boolean translating;
  private long nextIova = FIRST_IOVA;
  private long maps;
  private long mapsLeft = Long.MAX_VALUE;
  private long buffersLeft = Long.MAX_VALUE;

  FakeDma(GuestMemory memory, FakePages pages, AddressSpace space) {
    this.memory = memory;
    this.pages = pages;
    this.space = space;
    this.translating = space == AddressSpace.BUS;
  }

  /** Whether addresses are mapped, or what they are. */
  void translating(boolean on) {
    translating = on;
  }

  /** Mappings fail after so many more. */
  public synchronized void failMapsAfter(long count) {
    mapsLeft = count;
  }

  /** Allocations fail after so many more. */
  public synchronized void failBuffersAfter(long count) {
    buffersLeft = count;
  }

  /** Mappings made since the beginning. */
  public synchronized long maps() {
    return maps;
  }

  /** Mappings in force. */
  public synchronized int mapped() {
    return mappings.size();
  }

  /** The device side. */
  DmaSession session() {
    return new FakeSession(this, memory);
  }

  /** Where a device access goes; -1 when it may not. */
  public synchronized long translate(long address, long length, Access access) {
    if (!translating) {
      return memory.offsetOf(address, length);
    }
    var entry = mappings.floorEntry(address);
    if (entry == null) {
      return -1;
    }
    long inside = address - entry.getKey();
    Mapping mapping = entry.getValue();
    Direction wrongWay = access == Access.READ ? Direction.FROM_DEVICE : Direction.TO_DEVICE;
    return inside + length <= mapping.length && mapping.direction != wrongWay
        ? mapping.gpa + inside
        : -1;
  }

  @Override
  public AddressSpace space() {
    return space;
  }

  @Override
  public boolean translated() {
    return translating;
  }

  @Override
  public void setAddressMask(long mask) {}

  @Override
  public long addressMask() {
    return -1L;
  }

  @Override
  public synchronized GuestBuffer allocate(long size) throws DmaException {
    long gpa = buffersLeft-- > 0 ? pages.take(FakePages.roundUp(size)) : -1;
    if (gpa < 0) {
      throw new DmaException("guest memory is used up");
    }
    return new FakeBuffer(memory, gpa, FakePages.roundUp(size));
  }

  @Override
  public void free(GuestBuffer buffer) {
    pages.give(buffer.gpa());
  }

  @Override
  public CoherentBuffer allocateCoherent(long size) throws DmaException {
    GuestBuffer buffer = allocate(size);
    buffer.fill(0, buffer.size(), (byte) 0);
    return new CoherentBuffer(buffer, map(buffer.gpa(), buffer.size(), Direction.BIDIRECTIONAL));
  }

  @Override
  public void freeCoherent(CoherentBuffer buffer) {
    try {
      unmap(buffer.address(), buffer.memory().size());
    } catch (DmaException e) {
      throw new IllegalArgumentException(e);
    }
    free(buffer.memory());
  }

  @Override
  public synchronized long map(long gpa, long length, Direction direction) throws DmaException {
    maps++;
    if (mapsLeft-- <= 0) {
      throw new DmaException("no address is left");
    }
    if (!translating) {
      return gpa;
    }
    long address = nextIova + gpa % FakePages.PAGE;
    nextIova += FakePages.roundUp(length) + 2 * FakePages.PAGE;
    mappings.put(address, new Mapping(gpa, length, direction));
    return address;
  }

  @Override
  public synchronized void mapAt(long iova, long gpa, long length, Direction direction)
      throws DmaException {
    maps++;
    var below = mappings.lowerEntry(iova + length);
    if (memory.offsetOf(gpa, length) < 0) {
      throw new DmaException("0x%x is no memory".formatted(gpa));
    }
    if (mapsLeft-- <= 0 || (below != null && below.getKey() + below.getValue().length > iova)) {
      throw new DmaException("0x%x is taken".formatted(iova));
    }
    mappings.put(iova, new Mapping(gpa, length, direction));
  }

  @Override
  public synchronized void unmap(long address, long length) throws DmaException {
    if (!translating) {
      return;
    }
    Mapping mapping = mappings.get(address);
    if (mapping == null || mapping.length != length) {
      throw new DmaException("0x%x is not mapped".formatted(address));
    }
    mappings.remove(address);
  }

  @Override
  public void mapAll(ScatterList list, Direction direction) throws DmaException {
    list.clearMapped();
    for (int i = 0; i < list.pieces(); i++) {
      try {
        list.appendMapped(map(list.gpa(i), list.length(i), direction), list.length(i));
      } catch (DmaException e) {
        for (int j = 0; j < i; j++) {
          unmap(list.address(j), list.mappedLength(j));
        }
        list.clearMapped();
        throw e;
      }
    }
  }

  @Override
  public void unmapAll(ScatterList list) throws DmaException {
    for (int i = 0; i < list.mapped(); i++) {
      unmap(list.address(i), list.mappedLength(i));
    }
    list.clearMapped();
  }

  @Override
  public void syncForCpu(long address, long length) {}

  @Override
  public void syncForDevice(long address, long length) {}
}
