package aperture.arch.ppc.window;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * IOMMU kind {@code pci-window}: windows at an offset, nothing more.
 *
 * <p>It cannot keep what an IOMMU promises: a device reaches all memory in a window, mapped or not,
 * for reading and writing, and still does after unmap. One page has one address, however often it
 * is mapped.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + PciWindowBehavior.KIND)
public final class PciWindowBehavior implements IommuBehavior {

  static final String KIND = "pci-window";

  private static final int STATE_VERSION = 1;
  private static final long LARGEST = 1L << InboundLayout.LARGEST_SHIFT;

  private static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(Set.of(LARGEST), false, false, false, true).withoutProtection();

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return STATE_VERSION;
  }

  @Override
  public IommuCapabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    InboundWindows windows = new InboundWindows(state.registers());
    PciWindowTableDriver driver = new PciWindowTableDriver(state, windows);
    driver.takeOver();
    return new Attached(new PciWindowWalker(windows), driver);
  }

  /**
   * The windows of one machine.
   *
   * @param walker its hardware half
   * @param driver its operating-system half
   */
  private record Attached(IommuWalker walker, IommuTableDriver driver) implements IommuInstance {

    @Override
    public Optional<IommuTableDriver> tableDriver() {
      return Optional.of(driver);
    }

    @Override
    public void recordFault(Endpoint endpoint, IommuFault fault) {
      // Nothing tells software.
    }

    @Override
    public List<RecordedFault> recordedFaults() {
      return List.of();
    }

    @Override
    public String decode(String structure, long value) {
      return structure.equals(PciWindowWalker.WINDOW) ? InboundLayout.decode(value) : "";
    }
  }
}
