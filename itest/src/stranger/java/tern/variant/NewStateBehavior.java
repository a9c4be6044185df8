package tern.variant;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import tern.TernBehavior;

/** Declares another version of the state, so that tables are rebuilt when it takes over. */
public final class NewStateBehavior implements IommuBehavior {

  private final TernBehavior same = new TernBehavior();

  @Override
  public String kind() {
    return same.kind();
  }

  @Override
  public int stateVersion() {
    return same.stateVersion() + 1;
  }

  @Override
  public IommuCapabilities capabilities() {
    return same.capabilities();
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return same.attach(state);
  }
}
