package aperture.arch.ppc.tce;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import org.osgi.service.component.annotations.Component;

/**
 * IOMMU kind {@code spapr-tce}: paravirtual translation tables of a {@code pseries} machine.
 *
 * <p>State: no registers of hardware; one platform table per window, its id the LIOBN, with the
 * attributes {@code bus_offset} and {@code page_shift}. Endpoints behind one host bridge share its
 * windows. Nothing tells software about faults. Kernels let devices read whatever they can write.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + SpaprTceBehavior.KIND)
public final class SpaprTceBehavior implements IommuBehavior {

  static final String KIND = "spapr-tce";

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
    return SpaprTceInstance.attach(state);
  }
}
