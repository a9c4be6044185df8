package aperture.console.thread;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.MappedRegister;
import java.util.List;
import java.util.Set;

/**
 * A supplier that does as another one does: to core a newcomer, to machines the same IOMMU.
 *
 * @param other the other one
 */
public record Successor(IommuBehavior other) implements IommuBehavior {

  @Override
  public String kind() {
    return other.kind();
  }

  @Override
  public int stateVersion() {
    return other.stateVersion();
  }

  @Override
  public IommuCapabilities capabilities() {
    return other.capabilities();
  }

  @Override
  public Set<String> options() {
    return other.options();
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return other.attach(state);
  }

  @Override
  public List<MappedRegister> mappedRegisters(String machineType) {
    return other.mappedRegisters(machineType);
  }
}
