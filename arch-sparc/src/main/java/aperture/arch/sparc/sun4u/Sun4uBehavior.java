package aperture.arch.sparc.sun4u;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * IOMMU kind {@code sun4u}: one TSB in memory for all devices of a host bridge.
 *
 * <p>Faults are recorded in registers. A valid entry can always be read. A freed entry stays valid
 * on a dummy page, so an access after unmap mostly does not fault; the old page is never reached.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + Sun4uBehavior.KIND)
public final class Sun4uBehavior implements IommuBehavior {

  static final String KIND = "sun4u";

  private static final int STATE_VERSION = 1;

  private static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(
          Set.of(TteLayout.PAGE_SIZE, TteLayout.LARGE_SIZE), true, false, false, true);

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
  public Set<String> options() {
    return Set.of(InvalidationMode.OPTION);
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return Sun4uInstance.attach(state);
  }
}
