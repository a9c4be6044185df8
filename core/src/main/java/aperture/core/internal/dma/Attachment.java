package aperture.core.internal.dma;

import aperture.core.internal.iommu.Supplier;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import org.jspecify.annotations.Nullable;

/**
 * A behaviour attached to a machine.
 *
 * @param supplier who supplies it
 * @param instance the attached instance
 * @param walker its hardware half
 * @param driver its operating-system half; null where somebody else owns the tables
 */
record Attachment(
    Supplier<IommuBehavior> supplier,
    IommuInstance instance,
    IommuWalker walker,
    @Nullable IommuTableDriver driver) {

  static Attachment of(Supplier<IommuBehavior> supplier, IommuInstance instance) {
    return new Attachment(
        supplier, instance, instance.walker(), instance.tableDriver().orElse(null));
  }
}
