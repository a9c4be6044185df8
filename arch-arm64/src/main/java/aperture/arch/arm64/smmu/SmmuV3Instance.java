package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import java.util.List;
import java.util.Optional;

/** One machine's SMMU: both halves over the same registers and memory. */
final class SmmuV3Instance implements IommuInstance {

  private final SmmuV3Walker walker;
  private final EventQueue events;
  private final Optional<IommuTableDriver> driver;

  SmmuV3Instance(
      IommuState state,
      RegisterView view,
      SmmuV3Walker walker,
      SeenTags seen,
      InvalidationMode invalidation) {
    this.walker = walker;
    this.events =
        new EventQueue(
            state.registers(),
            view,
            state.memory(),
            new EventEvidence(walker, view, state.memory()));
    this.driver =
        Optional.of(
            new SmmuV3TableDriver(
                state, view, new SmmuV3Hardware(state, view, seen), invalidation));
  }

  @Override
  public IommuWalker walker() {
    return walker;
  }

  @Override
  public Optional<IommuTableDriver> tableDriver() {
    return driver;
  }

  @Override
  public void recordFault(Endpoint endpoint, IommuFault fault) {
    events.record(endpoint, fault);
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return events.pending();
  }

  @Override
  public String decode(String structure, long value) {
    return SmmuV3Decoder.decode(structure, value);
  }
}
