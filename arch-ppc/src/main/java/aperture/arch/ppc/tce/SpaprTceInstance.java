package aperture.arch.ppc.tce;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.PlatformTable;
import aperture.iommu.RecordedFault;
import java.util.List;
import java.util.Optional;

/** The TCE tables of one machine. */
final class SpaprTceInstance implements IommuInstance {

  static final int STATE_VERSION = 1;

  static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(DdwRules.knownPageSizes(), false, false, true, true);

  private final SpaprTceWalker walker;
  private final SpaprTceTableDriver driver;

  private SpaprTceInstance(IommuState state, DdwUse byDefault) {
    WindowTable windows = new WindowTable(state.tables());
    walker = new SpaprTceWalker(new EndpointWindows(windows));
    driver = new SpaprTceTableDriver(state, windows, byDefault);
  }

  static SpaprTceInstance attach(IommuState state) throws AttachRefusedException {
    return attach(state, DdwUse.NONE);
  }

  /**
   * @param byDefault how endpoints use a second window that do not say it themselves
   */
  static SpaprTceInstance attach(IommuState state, DdwUse byDefault) throws AttachRefusedException {
    for (PlatformTable table : state.tables().all()) {
      String problem = TceWindow.problem(table);
      if (!problem.isEmpty()) {
        throw new AttachRefusedException(problem);
      }
    }
    for (Endpoint endpoint : state.endpoints()) {
      requireNumbers(endpoint);
    }
    SpaprTceInstance instance = new SpaprTceInstance(state, byDefault);
    instance.driver.takeOver();
    return instance;
  }

  private static void requireNumbers(Endpoint endpoint) throws AttachRefusedException {
    try {
      Liobns.defaultOf(endpoint);
      Liobns.allOf(endpoint);
    } catch (NumberFormatException e) {
      throw new AttachRefusedException(
          "endpoint %s: attribute %s or %s is no hexadecimal number"
              .formatted(endpoint.id(), Liobns.DEFAULT_WINDOW, Liobns.WINDOWS));
    }
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
    // There is no record: an access that fails leaves no trace that software could read.
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return List.of();
  }

  @Override
  public String decode(String structure, long value) {
    return structure.equals(SpaprTceWalker.TCE) ? TceLayout.decode(value) : "";
  }
}
