package aperture.arch.sparc.sun4u;

import aperture.iommu.AttachRefusedException;
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

/** The IOMMU of one machine's host bridge. */
final class Sun4uInstance implements IommuInstance {

  private final Sun4uWalker walker;
  private final Sun4uTableDriver driver;
  private final FaultRegisters faults;

  private Sun4uInstance(IommuState state, InvalidationMode invalidation) {
    RegisterView view = new RegisterView(state.registers());
    WalkNote aliases = new WalkNote();
    WalkNote dummies = new WalkNote();
    walker = new Sun4uWalker(state.memory(), view, aliases, dummies);
    FlushRegister flush = new FlushRegister(state.invalidator(), view, aliases);
    driver = new Sun4uTableDriver(state, view, new FlushPolicy(flush, dummies, invalidation));
    faults = new FaultRegisters(state.registers());
  }

  static Sun4uInstance attach(IommuState state) throws AttachRefusedException {
    Sun4uInstance instance = new Sun4uInstance(state, InvalidationMode.of(state.options()));
    instance.driver.takeOver();
    return instance;
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
    faults.record(fault);
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return faults.read();
  }

  @Override
  public String decode(String structure, long value) {
    return switch (structure) {
      case Sun4uWalker.TTE -> TteLayout.decode(value);
      case RegisterName.CONTROL -> ControlLayout.decode(value);
      case RegisterName.UE_AFSR -> AfsrLayout.decode(value);
      default -> decodeIotlb(structure, value);
    };
  }

  private static String decodeIotlb(String structure, long value) {
    for (int entry = 0; entry < RegisterName.IOTLB_ENTRIES; entry++) {
      if (structure.equals(RegisterName.tag(entry))) {
        return IotlbLayout.decodeTag(value);
      }
      if (structure.equals(RegisterName.data(entry))) {
        return IotlbLayout.decodeData(value);
      }
    }
    return "";
  }
}
