package aperture.core.internal.swap;

import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
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
            1,
            task ->
                // No inheritance: the thread starts while a bundle stops, and must not hold it.
                Thread.ofPlatform()
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .name("aperture-grace")
                    .unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    grace = executor;
  }

  /** A behaviour arrived: machines that wait for it, or use a lower-ranked one, take it. */
  public synchronized void add(Supplier<IommuBehavior> supplier) {
    suppliers.add(supplier);
    for (Handover machine : machines) {
      // Compared with who is at work, not with the best present: that one may have been refused.
      if (machine.unit().kind().equals(supplier.name()) && machine.prefers(supplier)) {
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
    for (Supplier<IommuBehavior> next : suppliers.named(machine.unit().kind())) {
      if (machine.replace(next)) {
        return;
      }
    }
    long swap = machine.revoke();
    if (grace.isShutdown()) {
      machine.close(swap);
      return;
    }
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

  /**
   * Brings a fresh machine's IOMMU up with the best behaviour of its kind; from then on the machine
   * moves with it.
   *
   * @return false when nobody supplies the kind
   */
  public synchronized boolean bringUp(Handover machine)
      throws AttachRefusedException, IommuException {
    Optional<Supplier<IommuBehavior>> best = suppliers.best(machine.unit().kind());
    if (best.isEmpty()) {
      return false;
    }
    machine.initialize(best.get());
    machines.add(machine);
    return true;
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
