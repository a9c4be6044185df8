package aperture.testkit;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The same behaviour under another state version, never used before: tables must be rebuilt. */
final class RenumberedBehavior implements IommuBehavior {

  private static final AtomicInteger NEXT = new AtomicInteger(1000);

  private final IommuBehavior behavior;
  private final int version = NEXT.getAndIncrement();

  RenumberedBehavior(IommuBehavior behavior) {
    this.behavior = behavior;
  }

  @Override
  public String kind() {
    return behavior.kind();
  }

  @Override
  public int stateVersion() {
    return version;
  }

  @Override
  public IommuCapabilities capabilities() {
    return behavior.capabilities();
  }

  @Override
  public Set<String> options() {
    return behavior.options();
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return behavior.attach(state);
  }
}
