package aperture.vhostuser.internal.iotlb;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.MappingLedger;
import aperture.iommu.PlatformTables;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;

/** The side of core that a behaviour talks to, noting what it is told. */
final class RecordedIommu implements IommuState, IommuInvalidator {

  static final Endpoint ENDPOINT = Endpoint.pci(0, 0, 1, 0);

  /** Invalidations, as "iova+size", or "all". */
  final List<String> invalidations = new ArrayList<>();

  int answers;

  @Override
  public void invalidate(Endpoint endpoint, long iova, long size) {
    invalidations.add("0x%x+0x%x".formatted(iova, size));
  }

  @Override
  public void invalidateDomain(int domain, long iova, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void invalidateEndpoint(Endpoint endpoint) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void invalidateAll() {
    invalidations.add("all");
  }

  @Override
  public IommuInvalidator invalidator() {
    return this;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(ENDPOINT);
  }

  @Override
  public void answered() {
    answers++;
  }

  @Override
  public Registers registers() {
    throw new UnsupportedOperationException();
  }

  @Override
  public GuestMemory memory() {
    throw new UnsupportedOperationException();
  }

  @Override
  public PlatformTables tables() {
    throw new UnsupportedOperationException();
  }

  @Override
  public PageAllocator pages() {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappingLedger ledger() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<MemoryRange> reserved() {
    return List.of();
  }
}
