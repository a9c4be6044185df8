package aperture.arch.sparc.sun4v;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import org.osgi.service.component.annotations.Component;

/**
 * IOMMU kind {@code sun4v}: tables that a hypervisor keeps, edited by calls.
 *
 * <p>Nothing tells software about faults. Kernels let devices read whatever they can write, and
 * bind all devices of a root complex to one table.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + Sun4vBehavior.KIND)
public final class Sun4vBehavior implements IommuBehavior {

  static final String KIND = "sun4v";

  private static final int STATE_VERSION = 1;

  private static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(RootComplex.pageSizes(), false, false, true, true);

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
    return Sun4vInstance.attach(state);
  }
}
