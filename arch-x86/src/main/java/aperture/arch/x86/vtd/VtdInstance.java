package aperture.arch.x86.vtd;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import java.util.List;
import java.util.Optional;

/** VT-d attached to one machine's state: the hardware half wired together, and its driver. */
final class VtdInstance implements IommuInstance {

  private final VtdWalker walker;
  private final VtdFaultRecorder recorder;
  private final VtdTableDriver driver;

  VtdInstance(IommuState state, VtdOptions options) {
    VtdEvents events = new VtdEvents(state.registers());
    VtdInvalidationUnit unit = new VtdInvalidationUnit(state, events);
    walker = new VtdWalker(state.memory(), new VtdViews(state.registers()));
    recorder = new VtdFaultRecorder(state.registers(), events);
    VtdRegisterFile registers = new VtdRegisterFile(state, unit, recorder, events);
    driver = new VtdTableDriver(state, registers, options);
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
    recorder.record(endpoint, fault);
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return recorder.pending();
  }

  @Override
  public String decode(String structure, long value) {
    return VtdDecoder.decode(structure, value);
  }
}
