package tern.variant;

import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import tern.TernBehavior;

/** A programming error: it throws what its contract does not know. */
public final class ThrowingBehavior implements IommuBehavior {

  private final TernBehavior same = new TernBehavior();

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
  public IommuInstance attach(IommuState state) {
    throw new IllegalStateException("this edition is broken on purpose");
  }
}
