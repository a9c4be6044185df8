package aperture.console.matrix;

import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.core.internal.machine.Families;
import aperture.core.internal.machine.MachineFactory;
import aperture.core.internal.policy.Laboratory;
import aperture.core.internal.swap.Behaviors;
import aperture.devices.blk.BlkDeviceType;
import aperture.iommu.IommuBehavior;
import aperture.testkit.FlatRow;
import aperture.virtio.DriverKind;
import java.util.List;

/** One architecture of the tests, disks, and what a test brings. */
final class FlatLaboratory implements AutoCloseable {

  private final Behaviors behaviors;
  private final Laboratory laboratory;

  FlatLaboratory(IommuBehavior behavior, List<DriverKind> drivers) {
    SwapLog log = new SwapLog();
    Families families = new Families();
    families.add(
        new Supplier<>(new FlatRow(), FlatRow.FAMILY, FlatRow.ARCH, "test", List.of(1), 0, 1));
    behaviors = new Behaviors(log);
    behaviors.add(new Supplier<>(behavior, behavior.kind(), "", "test", List.of(1), 0, 2));
    laboratory =
        new Laboratory(
            families,
            behaviors,
            new MachineFactory(families, behaviors, log),
            () -> List.of(new BlkDeviceType()),
            () -> drivers);
  }

  Laboratory laboratory() {
    return laboratory;
  }

  @Override
  public void close() {
    behaviors.close();
  }
}
