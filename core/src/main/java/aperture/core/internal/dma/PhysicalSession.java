package aperture.core.internal.dma;

import aperture.dma.DmaFault;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.Lease;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.memory.GuestMemory;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A worker's session where addresses are guest-physical: one bounds check, nothing to revoke. */
final class PhysicalSession implements DmaSession {

  private final Endpoint endpoint;
  private final GuestMemory memory;
  private final Consumer<DmaFault> report;
  private @Nullable DmaFault fault;
  private volatile boolean closed;

  PhysicalSession(Endpoint endpoint, GuestMemory memory, Consumer<DmaFault> report) {
    this.endpoint = endpoint;
    this.memory = memory;
    this.report = report;
  }

  @Override
  public boolean begin() {
    return !closed;
  }

  @Override
  public TranslateStatus translate(long iova, long length, Access access, DmaRanges out) {
    long offset = memory.offsetOf(iova, length);
    if (offset == GuestMemory.NOT_MEMORY) {
      return fail(Faults.notMemory(endpoint, iova, length, access));
    }
    if (!out.append(offset, length, out.count())) {
      return fail(Faults.tooLong(endpoint, iova, length, access));
    }
    return TranslateStatus.OK;
  }

  @Override
  public long translateCached(long iova, long length, int need) {
    // NOT_MEMORY and NOT_CACHED are the same number.
    return memory.offsetOf(iova, length);
  }

  private TranslateStatus fail(DmaFault why) {
    fault = why;
    report.accept(why);
    return TranslateStatus.FAULT;
  }

  @Override
  public void hold() {}

  @Override
  public void end() {}

  @Override
  public Lease retain() {
    return new Lease() {
      @Override
      public boolean revoked() {
        return false;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Optional<DmaFault> fault() {
    return Optional.ofNullable(fault);
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
  public void close() {
    closed = true;
  }
}
