package aperture.core.internal.swap;

import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.iommu.IommuBehavior;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * IOMMU behaviours as they come and go, and the machines that move with them. Coming and going is
 * serialised; {@link #remove} returns when the last thread has left the departing code.
 */
public final class Behaviors implements AutoCloseable {

  private final Suppliers<IommuBehavior> suppliers = new Suppliers<>();
  private final List<Handover> machines = new CopyOnWriteArrayList<>();
  private final SwapLog log;
  private final ScheduledExecutorService grace;

  public Behaviors(SwapLog log) {
    this.log = log;
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("aperture-grace").unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    grace = executor;
  }

  /** A behaviour arrived: machines that wait for it, or use a lower-ranked one, take it. */
  public synchronized void add(Supplier<IommuBehavior> supplier) {
    suppliers.add(supplier);
    Optional<Supplier<IommuBehavior>> best = suppliers.best(supplier.name());
    if (best.isEmpty() || best.get().order() != supplier.order()) {
      return;
    }
    for (Handover machine : machines) {
      if (machine.unit().kind().equals(supplier.name()) && !machine.uses(supplier)) {
        machine.replace(supplier);
      }
    }
  }

  /** A behaviour goes away: machines that use it move to the next best, or wait. */
  public synchronized void remove(IommuBehavior behavior) {
    Optional<Supplier<IommuBehavior>> gone = suppliers.remove(behavior);
    if (gone.isEmpty()) {
      return;
    }
    for (Handover machine : machines) {
      if (machine.uses(gone.get())) {
        leave(machine);
      }
    }
  }

  private void leave(Handover machine) {
    Optional<Supplier<IommuBehavior>> next = suppliers.best(machine.unit().kind());
    if (next.isPresent() && machine.replace(next.get())) {
      return;
    }
    long swap = machine.revoke();
    var _ =
        grace.schedule(
            () -> machine.close(swap), log.gracePeriod().toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The supplier chosen for a kind. */
  public Optional<Supplier<IommuBehavior>> best(String kind) {
    return suppliers.best(kind);
  }

  public List<Supplier<IommuBehavior>> all() {
    return suppliers.all();
  }

  public synchronized void addMachine(Handover machine) {
    machines.add(machine);
  }

  public synchronized void removeMachine(Handover machine) {
    machines.remove(machine);
  }

  /** Machines that use the supplier now. */
  public int users(Supplier<IommuBehavior> supplier) {
    return (int) machines.stream().filter(machine -> machine.uses(supplier)).count();
  }

  /** Units of all machines. */
  public List<IommuUnit> units() {
    return machines.stream().map(Handover::unit).toList();
  }

  @Override
  public void close() {
    grace.shutdownNow();
  }
}
