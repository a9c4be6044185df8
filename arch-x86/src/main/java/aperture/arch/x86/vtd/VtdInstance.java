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
  private final VtdRegisterFile registers;
  private final VtdTableDriver driver;

  VtdInstance(IommuState state, VtdOptions options) {
    VtdEvents events = new VtdEvents(state.registers());
    VtdInvalidationUnit unit = new VtdInvalidationUnit(state, events);
    walker = new VtdWalker(state.memory(), new VtdViews(state.registers()));
    recorder = new VtdFaultRecorder(state.registers(), events);
    registers = new VtdRegisterFile(state, unit, recorder, events);
    driver = new VtdTableDriver(state, registers, options);
  }

  @Override
  public IommuWalker walker() {
    return walker;
  }

  /** The driver builds legacy tables only; scalable-mode tables are somebody else's. */
  @Override
  public Optional<IommuTableDriver> tableDriver() {
    int mode = RootAddressLayout.mode(registers.read(VtdRegisters.RTADDR));
    return mode == RootAddressLayout.TTM_SCALABLE ? Optional.empty() : Optional.of(driver);
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
