package tern;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** The Tern's IOMMU, as a service. */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + TernBehavior.KIND)
public final class TernBehavior implements IommuBehavior {

  /** The word for it. */
  public static final String KIND = "tern-bridge";

  private static final int STATE_VERSION = 1;

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return STATE_VERSION;
  }

  @Override
  public IommuCapabilities capabilities() {
    return new IommuCapabilities(Set.of((long) TableLayout.PAGE_BYTES), true, true, true, false);
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    return new TernInstance(state);
  }
}
