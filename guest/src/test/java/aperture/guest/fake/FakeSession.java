package aperture.guest.fake;

import aperture.dma.DmaFault;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.Lease;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuFault;
import aperture.memory.GuestMemory;
import java.util.List;
import java.util.Optional;

/** The device face of a test bus. */
final class FakeSession implements DmaSession {

  private final FakeDma dma;
  private final GuestMemory memory;
  private Optional<DmaFault> fault = Optional.empty();

  FakeSession(FakeDma dma, GuestMemory memory) {
    this.dma = dma;
    this.memory = memory;
  }

  @Override
  public boolean begin() {
    return true;
  }

  @Override
  public TranslateStatus translate(long iova, long length, Access access, DmaRanges out) {
    long offset = dma.translate(iova, length, access);
    if (offset < 0) {
      IommuFault cause =
          new IommuFault(
              "d0", 0, iova, access, FaultKind.UNMAPPED, -1, "not mapped", "", 0, 0, false);
      fault = Optional.of(new DmaFault(iova, length, access, List.of(), List.of(), cause));
      return TranslateStatus.FAULT;
    }
    out.append(offset, length, out.count());
    return TranslateStatus.OK;
  }

  @Override
  public long translateCached(long iova, long length, int need) {
    return NOT_CACHED;
  }

  @Override
  public void hold() {}

  @Override
  public void end() {}

  @Override
  public Lease retain() {
    throw new UnsupportedOperationException("test devices finish their work at once");
  }

  @Override
  public Optional<DmaFault> fault() {
    return fault;
  }

  @Override
  public long generation() {
    return 1;
  }

  @Override
  public void awaitGrant() {}

  @Override
  public void awaitAnswer() {}

  @Override
  public GuestMemory memory() {
    return memory;
  }

  @Override
  public void close() {}
}
