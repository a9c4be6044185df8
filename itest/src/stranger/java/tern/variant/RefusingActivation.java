package tern.variant;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import tern.TernBehavior;

/** A component that cannot be made: nobody ever gets the service. */
public final class RefusingActivation implements IommuBehavior {

  private final TernBehavior same = new TernBehavior();

  /** Called by the component runtime. */
  public RefusingActivation() {
    throw new IllegalStateException("this edition does not start, on purpose");
  }

  @Override
  public String kind() {
    return same.kind();
  }

  @Override
  public int stateVersion() {
    return same.stateVersion();
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
