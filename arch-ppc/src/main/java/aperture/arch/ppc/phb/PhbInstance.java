package aperture.arch.ppc.phb;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import java.util.List;
import java.util.Optional;

/** The bridge of one machine. */
final class PhbInstance implements IommuInstance {

  static final int STATE_VERSION = 1;

  private final PhbModel model;
  private final PhbWalker walker;
  private final PhbTableDriver driver;
  private final ErrorTable errors;

  private PhbInstance(PhbModel model, IommuState state) {
    this.model = model;
    PhbView view = new PhbView(state.registers(), state.tables());
    walker = new PhbWalker(model, state.memory(), view);
    driver = new PhbTableDriver(model, state);
    errors = new ErrorTable(model, state.memory(), state.invalidator(), view);
  }

  static PhbInstance attach(PhbModel model, IommuState state) throws AttachRefusedException {
    PhbInstance instance = new PhbInstance(model, state);
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
    errors.record(endpoint, fault);
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return errors.read();
  }

  @Override
  public String decode(String structure, long value) {
    return switch (structure) {
      case PhbWalker.RTT -> value == model.reservedPe() ? "the reserved PE" : "PE " + value;
      case PhbWalker.TVE -> TveLayout.decode(model, value);
      case PhbWalker.TCE -> PhbTceLayout.decode(value);
      case "PESTA" -> PestLayout.decode(value);
      default -> "";
    };
  }
}
