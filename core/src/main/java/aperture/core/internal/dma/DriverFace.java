package aperture.core.internal.dma;

import aperture.access.AddressSpace;
import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.dma.UserDma;
import aperture.iommu.Endpoint;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The driver face: IOVAs behind an IOMMU, guest-physical addresses otherwise. An endpoint that has
 * the identity when its driver comes is one without translation.
 */
public final class DriverFace implements UserDma {

  private static final int PAGE = PageAllocator.PAGE_SIZE;

  private final Endpoint endpoint;
  private final AddressSpace space;
  private final GuestMemory memory;
  private final GuestPages pages;
  private final @Nullable IommuUnit unit;
  private volatile long mask = -1L;

  /**
   * @param unit the IOMMU in front; null where there is none
   */
  public DriverFace(
      Endpoint endpoint,
      AddressSpace space,
      GuestMemory memory,
      GuestPages pages,
      @Nullable IommuUnit unit) {
    this.endpoint = endpoint;
    this.space = space;
    this.memory = memory;
    this.pages = pages;
    this.unit =
        space == AddressSpace.BUS && unit != null && !unit.endpoints().isIdentity(endpoint)
            ? unit
            : null;
  }

  @Override
  public AddressSpace space() {
    return space;
  }

  @Override
  public boolean translated() {
    return unit != null;
  }

  @Override
  public void setAddressMask(long newMask) throws DmaException {
    if ((newMask & (newMask + 1)) != 0 || Long.compareUnsigned(newMask, PAGE) < 0) {
      throw new DmaException("address mask 0x%x is not a row of low bits".formatted(newMask));
    }
    mask = newMask;
  }

  @Override
  public long addressMask() {
    return mask;
  }

  @Override
  public GuestBuffer allocate(long size) throws DmaException {
    long unitPage = unit == null ? PAGE : Math.max(PAGE, unit.pageSize());
    if (size <= 0) {
      throw new DmaException("a buffer of %d bytes cannot be".formatted(size));
    }
    // Whole I/O pages, so that mapping one buffer never exposes a neighbour's bytes.
    long gpa = pages.allocate(roundUp(size, unitPage), unitPage);
    if (gpa == PageAllocator.NO_MEMORY) {
      throw new DmaException("guest memory is used up: %d bytes wanted".formatted(size));
    }
    return new MemoryBuffer(memory, gpa, roundUp(size, unitPage));
  }

  @Override
  public void free(GuestBuffer buffer) {
    pages.free(buffer.gpa(), buffer.size());
  }

  @Override
  public CoherentBuffer allocateCoherent(long size) throws DmaException {
    GuestBuffer buffer = allocate(size);
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
      throw new IllegalArgumentException("not a coherent buffer of this endpoint", e);
    }
    free(buffer.memory());
  }

  @Override
  public long map(long gpa, long length, Direction direction) throws DmaException {
    requireMemory(gpa, length);
    IommuUnit front = unit;
    if (front == null) {
      if (Long.compareUnsigned(gpa + length - 1, mask) > 0) {
        throw new DmaException(
            "0x%x is beyond the device's address mask 0x%x".formatted(gpa + length - 1, mask));
      }
      return gpa;
    }
    long page = front.pageSize();
    long base = gpa & -page;
    return front
            .mappings()
            .map(endpoint, base, span(gpa, length, page), direction.permission(), mask)
        + (gpa - base);
  }

  @Override
  public void mapAt(long iova, long gpa, long length, Direction direction) throws DmaException {
    requireMemory(gpa, length);
    IommuUnit front = unit;
    if (front == null) {
      throw new DmaException("nothing translates: 0x%x cannot be chosen".formatted(iova));
    }
    long page = front.pageSize();
    if (((iova ^ gpa) & page - 1) != 0 || Long.compareUnsigned(iova + length - 1, mask) > 0) {
      throw new DmaException(
          "0x%x for 0x%x, %d bytes: not as far into its page, or beyond the device's mask"
              .formatted(iova, gpa, length));
    }
    front
        .mappings()
        .mapAt(
            endpoint, iova & -page, gpa & -page, span(gpa, length, page), direction.permission());
  }

  @Override
  public void unmap(long address, long length) throws DmaException {
    IommuUnit front = unit;
    if (front == null) {
      requireMemory(address, length);
      return;
    }
    long page = front.pageSize();
    front.mappings().unmap(endpoint, address & -page, span(address, length, page));
  }

  @Override
  public void mapAll(ScatterList list, Direction direction) throws DmaException {
    list.clearMapped();
    int done = 0;
    try {
      while (done < list.pieces()) {
        int next = runEnd(list, done);
        long gpa = list.gpa(done);
        long length = runLength(list, done, next);
        list.appendMapped(mapNext(list, gpa, length, direction), length);
        done = next;
      }
    } catch (DmaException e) {
      unmapRuns(list, done);
      list.clearMapped();
      throw e;
    }
  }

  @Override
  public void unmapAll(ScatterList list) throws DmaException {
    unmapRuns(list, list.pieces());
    list.clearMapped();
  }

  /** Maps right behind the previous range when both ends lie on I/O pages, else anywhere. */
  private long mapNext(ScatterList list, long gpa, long length, Direction direction)
      throws DmaException {
    IommuUnit front = unit;
    int last = list.mapped() - 1;
    if (front != null && last >= 0) {
      long page = front.pageSize();
      long behind = list.address(last) + list.mappedLength(last);
      requireMemory(gpa, length);
      if (((behind | gpa) & (page - 1)) == 0
          && Long.compareUnsigned(behind + length - 1, mask) <= 0
          && front
              .mappings()
              .mapBehind(endpoint, behind, gpa, span(gpa, length, page), direction.permission())) {
        return behind;
      }
    }
    return map(gpa, length, direction);
  }

  /** Ends the mappings of the first {@code pieces} pieces, run by run as they were made. */
  private void unmapRuns(ScatterList list, int pieces) throws DmaException {
    int range = 0;
    long inRange = 0;
    int at = 0;
    while (at < pieces) {
      int next = runEnd(list, at);
      long length = runLength(list, at, next);
      unmap(list.address(range) + inRange, length);
      inRange += length;
      if (inRange == list.mappedLength(range)) {
        range++;
        inRange = 0;
      }
      at = next;
    }
  }

  /** A run is a row of pieces that lie together in guest memory: one mapping. */
  private static int runEnd(ScatterList list, int from) {
    int next = from + 1;
    while (next < list.pieces() && list.gpa(next - 1) + list.length(next - 1) == list.gpa(next)) {
      next++;
    }
    return next;
  }

  private static long runLength(ScatterList list, int from, int to) {
    return list.gpa(to - 1) + list.length(to - 1) - list.gpa(from);
  }

  private void requireMemory(long gpa, long length) throws DmaException {
    if (memory.offsetOf(gpa, length) == GuestMemory.NOT_MEMORY) {
      throw new DmaException("0x%x, %d bytes: not guest memory".formatted(gpa, length));
    }
  }

  @Override
  public void syncForCpu(long address, long length) {
    // The model is coherent; what remains of a sync is its ordering.
    VarHandle.acquireFence();
  }

  @Override
  public void syncForDevice(long address, long length) {
    VarHandle.releaseFence();
  }

  private static long span(long address, long length, long page) {
    return roundUp((address & (page - 1)) + length, page);
  }

  private static long roundUp(long size, long page) {
    return (size + page - 1) & -page;
  }
}
