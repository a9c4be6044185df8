package aperture.arch.x86.xen;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import org.osgi.service.component.annotations.Component;

/**
 * The kind {@code xen-hvm}: devices of a fully virtualized or PVH guest, which reach grants only.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + XenHvmBehavior.KIND)
public final class XenHvmBehavior implements IommuBehavior {

  /** The kind. */
  public static final String KIND = "xen-hvm";

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return XenInstance.STATE_VERSION;
  }

  @Override
  public IommuCapabilities capabilities() {
    return XenInstance.CAPABILITIES;
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return new XenInstance(state, false);
  }
}
