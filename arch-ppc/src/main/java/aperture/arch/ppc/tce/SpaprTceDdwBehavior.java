package aperture.arch.ppc.tce;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import org.osgi.service.component.annotations.Component;

/**
 * IOMMU kind {@code spapr-tce-ddw}: the same hardware as {@code spapr-tce}, under a kernel that
 * makes a second window for endpoints with 64-bit addresses and maps their pages in it one by one,
 * so that 1 GiB is no limit and an unmapped page is out of reach as before.
 *
 * <p>A kernel that maps all memory directly there would do less work and protect nothing; an
 * endpoint can be told to ({@link DdwUse}).
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + SpaprTceDdwBehavior.KIND)
public final class SpaprTceDdwBehavior implements IommuBehavior {

  static final String KIND = "spapr-tce-ddw";

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return SpaprTceInstance.STATE_VERSION;
  }

  @Override
  public IommuCapabilities capabilities() {
    return SpaprTceInstance.CAPABILITIES;
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return SpaprTceInstance.attach(state, DdwUse.DYNAMIC);
  }
}
