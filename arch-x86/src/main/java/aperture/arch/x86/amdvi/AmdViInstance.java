package aperture.arch.x86.amdvi;

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

/** AMD-Vi attached to one machine's state: the hardware half wired together, and its driver. */
final class AmdViInstance implements IommuInstance {

  private final AmdViWalker walker;
  private final AmdViEventLog events;
  private final AmdViTableDriver driver;

  AmdViInstance(IommuState state, InvalidationMode invalidation) {
    walker = new AmdViWalker(state.memory(), new AmdViViews(state.registers()));
    events = new AmdViEventLog(state.registers(), state.memory());
    AmdViCommandProcessor commands = new AmdViCommandProcessor(state, events);
    driver = new AmdViTableDriver(state, new AmdViRegisterFile(state, commands), invalidation);
  }

  @Override
  public IommuWalker walker() {
    return walker;
  }

  @Override
  public Optional<IommuTableDriver> tableDriver() {
    return Optional.of(driver);
  }

  @Override
  public void recordFault(Endpoint endpoint, IommuFault fault) {
    events.request(endpoint.requesterId(), fault);
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return events.pending();
  }

  @Override
  public String decode(String structure, long value) {
    return AmdViDecoder.decode(structure, value);
  }
}
