package aperture.arch.sparc.sun4v;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.PlatformTable;
import aperture.iommu.RecordedFault;
import java.util.List;
import java.util.Optional;

/** The tables that the hypervisor keeps for one partition. */
final class Sun4vInstance implements IommuInstance {

  private final Sun4vWalker walker;
  private final Sun4vTableDriver driver;

  private Sun4vInstance(IommuState state) {
    IoTables tables = new IoTables(state.tables());
    Bypass bypass = new Bypass(state.registers());
    walker = new Sun4vWalker(tables, bypass);
    driver = new Sun4vTableDriver(state, tables, new Hypervisor(state, tables, bypass));
  }

  static Sun4vInstance attach(IommuState state) throws AttachRefusedException {
    for (PlatformTable table : state.tables().all()) {
      String problem = table.id() == RootComplex.BINDINGS ? "" : IoTable.problem(table);
      if (!problem.isEmpty()) {
        throw new AttachRefusedException(problem);
      }
    }
    Sun4vInstance instance = new Sun4vInstance(state);
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
    // An error of a device's access is an interrupt that leaves no record here.
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return List.of();
  }

  @Override
  public String decode(String structure, long value) {
    return structure.equals(Sun4vWalker.IOTTE) ? IotteLayout.decode(value) : "";
  }
}
