package aperture.arch.x86;

import aperture.arch.x86.vtd.VtdBehavior;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.MappedRegister;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * The IOMMU kind {@code intel-vtd-57}: VT-d whose units, when brought up fresh, have 57-bit
 * addresses and 5-level tables. In everything else, and on a state that has its registers already,
 * it is {@code intel-vtd}; a kind of its own only because a unit's width belongs to the machine.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + Vtd57Behavior.KIND)
public final class Vtd57Behavior implements IommuBehavior {

  /** The kind. */
  public static final String KIND = VtdBehavior.KIND + "-57";

  static final int WIDTH = 57;

  private final VtdBehavior unit = new VtdBehavior(WIDTH);

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return unit.stateVersion();
  }

  @Override
  public IommuCapabilities capabilities() {
    return unit.capabilities();
  }

  @Override
  public List<MappedRegister> mappedRegisters(String machineType) {
    return unit.mappedRegisters(machineType);
  }

  @Override
  public Set<String> options() {
    return unit.options();
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return unit.attach(state);
  }
}
