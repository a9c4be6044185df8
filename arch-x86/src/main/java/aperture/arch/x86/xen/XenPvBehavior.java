package aperture.arch.x86.xen;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import org.osgi.service.component.annotations.Component;

/**
 * The kind {@code xen-pv}: devices of a paravirtualized guest, whose addresses are the machine's or
 * grants.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + XenPvBehavior.KIND)
public final class XenPvBehavior implements IommuBehavior {

  /** The kind. */
  public static final String KIND = "xen-pv";

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
    if (state.registers().has(XenRegisters.P2M_LIST) && MachineFrames.of(state.tables()) == null) {
      throw new AttachRefusedException(
          "there is a physical-to-machine list, but no machine-to-physical table");
    }
    return new XenInstance(state, true);
  }
}
