package aperture.core.internal.control;

import aperture.admin.BehaviorInfo;
import aperture.admin.SwapControl;
import aperture.admin.SwapReport;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.core.internal.machine.Families;
import aperture.core.internal.machine.RunningMachine;
import aperture.core.internal.swap.Behaviors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Suppliers and hot swaps. */
final class SwapService implements SwapControl {

  private final Inventory inventory;
  private final Families families;
  private final Behaviors behaviors;
  private final SwapLog log;

  SwapService(Inventory inventory, Families families, Behaviors behaviors, SwapLog log) {
    this.inventory = inventory;
    this.families = families;
    this.behaviors = behaviors;
    this.log = log;
  }

  @Override
  public List<BehaviorInfo> suppliers() {
    List<BehaviorInfo> infos = new ArrayList<>();
    for (var supplier : behaviors.all()) {
      infos.add(
          info("iommu", supplier, behaviors.best(supplier.name()), behaviors.users(supplier)));
    }
    for (var supplier : families.suppliers()) {
      infos.add(
          info(
              "family",
              supplier,
              families.best(supplier.name()),
              (int)
                  inventory.machines().stream()
                      .filter(machine -> isOf(machine, supplier.name()))
                      .count()));
    }
    return infos;
  }

  private static boolean isOf(RunningMachine machine, String family) {
    return machine.row().family().equals(family);
  }

  private static <S> BehaviorInfo info(
      String role, Supplier<S> supplier, Optional<Supplier<S>> best, int machines) {
    boolean chosen = best.isPresent() && best.get().order() == supplier.order();
    return new BehaviorInfo(
        role,
        supplier.name(),
        supplier.arch(),
        supplier.bundle(),
        supplier.versionText(),
        chosen,
        role.equals("family") && !chosen ? 0 : machines);
  }

  @Override
  public List<SwapReport> swaps() {
    return log.reports();
  }

  @Override
  public Duration quiesceDeadline() {
    return log.quiesceDeadline();
  }

  @Override
  public Duration gracePeriod() {
    return log.gracePeriod();
  }

  @Override
  public void quiesceDeadline(Duration deadline) {
    log.quiesceDeadline(deadline);
  }

  @Override
  public void gracePeriod(Duration period) {
    log.gracePeriod(period);
  }
}
