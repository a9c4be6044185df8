package aperture.arch.ppc.phb;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import org.osgi.service.component.annotations.Component;

/**
 * IOMMU kind {@code powernv-phb4}: host bridge of POWER9 machines, and of POWER10, whose PHB5 keeps
 * the formats.
 *
 * <p>State: the registers of {@link PhbRegister}, the tables inside the bridge as platform tables,
 * everything else in memory. Errors are noted, and stop the PE, only where software gave the bridge
 * a table for them; the kernel's half here does not. Kernels let devices read what they can write.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + PowernvPhb4Behavior.KIND)
public final class PowernvPhb4Behavior implements IommuBehavior {

  static final String KIND = "powernv-phb4";

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return PhbInstance.STATE_VERSION;
  }

  @Override
  public IommuCapabilities capabilities() {
    return PhbModel.PHB4.capabilities();
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return PhbInstance.attach(PhbModel.PHB4, state);
  }
}
