package aperture.core.internal.dma;

import aperture.core.internal.iommu.Supplier;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Moves one machine's IOMMU from behaviour to behaviour. Its calls are serialised per machine.
 *
 * <ol>
 *   <li>revoke: the gate closes, workers park at their next batch boundary;
 *   <li>quiesce: in-flight requests complete against the old behaviour, within the deadline;
 *       whoever is late is cut off;
 *   <li>leave: the last thread is out of the old code;
 *   <li>attach: the newcomer takes over registers and tables, or rebuilds them from the ledger;
 *   <li>grant: translations are flushed, the gate opens, remembered notifications are delivered.
 * </ol>
 */
public final class Handover {

  private static final Logger LOG = System.getLogger(Handover.class.getName());
  private static final long RESUME_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final IommuUnit unit;
  private final SwapLog log;
  private @Nullable SwapRecord open;
  private int stateVersion;

  public Handover(IommuUnit unit, SwapLog log) {
    this.unit = unit;
    this.log = log;
  }

  public IommuUnit unit() {
    return unit;
  }

  /** Whether this supplier is attached now. */
  public boolean uses(Supplier<IommuBehavior> supplier) {
    Attachment current = unit.attachment();
    return current != null && current.supplier().order() == supplier.order();
  }

  /** Whether this supplier should be at work instead of who is. */
  public boolean prefers(Supplier<IommuBehavior> supplier) {
    Attachment current = unit.attachment();
    return current == null || Supplier.BEST_FIRST.compare(supplier, current.supplier()) < 0;
  }

  /**
   * First attachment of a fresh machine: brings the IOMMU up.
   *
   * @throws AttachRefusedException when the behaviour will not
   * @throws IommuException when memory for tables is used up
   */
  public synchronized void initialize(Supplier<IommuBehavior> supplier)
      throws AttachRefusedException, IommuException {
    unit.lock().lock();
    try {
      Attachment fresh = attach(supplier, unit.state());
      if (fresh.driver() != null) {
        fresh.driver().initialize();
        unit.pageSize(fresh.driver().pageSize());
      }
      unit.protects(supplier.service().capabilities().protects());
      stateVersion = supplier.service().stateVersion();
      unit.openGate(fresh);
    } finally {
      unit.lock().unlock();
    }
  }

  /**
   * The behaviour goes away and nobody replaces it yet. Returns when its code is left.
   *
   * @return number of the swap that begins, to be given to {@link #close}
   */
  public synchronized long revoke() {
    Attachment leaving = unit.attachment();
    if (leaving == null) {
      return 0;
    }
    SwapRecord swap = begin(leaving);
    lockAfterQuiesce(swap);
    try {
      unit.detach();
    } finally {
      unit.lock().unlock();
    }
    swap.step("leave", "nobody is in " + leaving.supplier().label());
    swap.behaviorLeft();
    return swap.number();
  }

  /**
   * A behaviour arrived: attaches it, or replaces a lower-ranked one without a gap.
   *
   * @return false when the newcomer was refused; what was at work before still is
   */
  public synchronized boolean replace(Supplier<IommuBehavior> newcomer) {
    Attachment old = unit.attachment();
    SwapRecord swap = open;
    if (swap == null) {
      swap = old == null ? reopen() : begin(old);
      if (old == null) {
        unit.lock().lock();
      } else {
        lockAfterQuiesce(swap);
      }
    } else {
      unit.lock().lock();
    }
    try {
      return attach(newcomer, old, swap);
    } finally {
      unit.lock().unlock();
      finish();
    }
  }

  /**
   * Nobody came in the grace period.
   *
   * @param number of the swap that has been waiting; nothing happens when it is over
   */
  public synchronized void close(long number) {
    SwapRecord swap = open;
    if (swap == null || swap.number() != number || unit.attachment() != null) {
      return;
    }
    String reason =
        "no behaviour of kind %s arrived within %d ms"
            .formatted(unit.kind(), log.gracePeriod().toMillis());
    unit.close(reason);
    swap.step("close", reason + "; devices need a reset");
    swap.outcome("closed");
    open = null;
  }

  /**
   * The machine ends: drivers that wait for a behaviour must not hold that up until the grace
   * period is over. Nothing happens when a behaviour is at work.
   */
  public synchronized void end() {
    SwapRecord swap = open;
    if (swap == null || unit.attachment() != null) {
      return;
    }
    String reason = "the machine ends";
    unit.shut(reason);
    swap.step("close", reason);
    swap.outcome("closed");
    open = null;
  }

  private SwapRecord begin(Attachment leaving) {
    SwapRecord swap = log.open(unit.machine(), unit.kind(), leaving.supplier().label());
    open = swap;
    unit.closeGate();
    unit.participants().forEach(SwapParticipant::revoked);
    swap.step("revoke", "gate closed; workers park at their next batch boundary");
    return swap;
  }

  private SwapRecord reopen() {
    SwapRecord swap = log.open(unit.machine(), unit.kind(), "");
    open = swap;
    return swap;
  }

  /**
   * Waits for workers and driver calls, and ends with the lock held. Workers that are late are cut
   * off. A driver call that is late is waited for: it is either in the old code, or waits for a
   * worker's I/O as every invalidation does.
   */
  private void lockAfterQuiesce(SwapRecord swap) {
    long deadline = System.nanoTime() + log.quiesceDeadline().toNanos();
    List<Endpoint> late = new ArrayList<>();
    int workers = 0;
    for (EndpointDma face : unit.faces()) {
      for (WorkerSession session : face.sessions()) {
        workers++;
        if (!awaitOffline(session, deadline)) {
          session.cutOff();
          late.add(face.endpoint());
        } else {
          session.forgetWalker();
        }
      }
      for (RetainedLease lease : face.leases()) {
        lease.revoke();
      }
      if (!awaitLeases(face, deadline)) {
        late.add(face.endpoint());
      }
    }
    boolean locked = tryLock(deadline);
    swap.step(
        "quiesce",
        late.isEmpty()
            ? "%d workers out, nothing in flight".formatted(workers)
            : "cut off after the deadline: "
                + String.join(", ", late.stream().map(Endpoint::id).distinct().toList()));
    cutOff(late);
    if (!locked) {
      LOG.log(
          Level.WARNING,
          "{0}: a driver call is still in {1} after the deadline",
          unit.machine(),
          unit.supplier());
      unit.lock().lock();
      swap.step("wait", "a driver call left the old behaviour after the deadline");
    }
  }

  private void cutOff(List<Endpoint> late) {
    String reason =
        "cut off: a request in flight did not finish within %d ms"
            .formatted(log.quiesceDeadline().toMillis());
    for (SwapParticipant participant : unit.participants()) {
      if (late.stream().anyMatch(e -> e.index() == participant.endpointIndex())) {
        participant.closed(reason);
      }
    }
  }

  private static boolean awaitOffline(WorkerSession session, long deadline) {
    for (int round = 0; session.online(); round++) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      Backoff.pause(round);
    }
    return true;
  }

  private static boolean awaitLeases(EndpointDma face, long deadline) {
    for (int round = 0; face.leases().length > 0; round++) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      Backoff.pause(round);
    }
    return true;
  }

  private boolean tryLock(long deadline) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          // A moment more than the deadline, so that a zero wait still finds a free lock.
          long left = Math.max(deadline - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(50));
          return unit.lock().tryLock(left, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean attach(
      Supplier<IommuBehavior> newcomer, @Nullable Attachment old, SwapRecord swap) {
    swap.behaviorArrived(newcomer.label());
    try {
      Attachment next = prepare(newcomer, swap);
      int parked = unit.openGate(next);
      grant(swap, parked, "IOTLB flushed, rings stale, gate open");
      swap.outcome("swapped");
      return true;
    } catch (AttachRefusedException | IommuException | RuntimeException | LinkageError e) {
      LOG.log(
          Level.WARNING,
          "{0} was refused on {1}: {2}",
          newcomer.label(),
          unit.machine(),
          String.valueOf(e.getMessage()));
      swap.step("refuse", newcomer.label() + ": " + e.getMessage());
      if (old != null) {
        grant(swap, unit.openGate(old), "the old behaviour goes on");
        swap.outcome("refused");
      } else {
        swap.behaviorLeft();
      }
      return false;
    }
  }

  /** Attaches a behaviour that takes the options which the operator chose. */
  private static Attachment attach(Supplier<IommuBehavior> supplier, UnitState state)
      throws AttachRefusedException {
    IommuBehavior behavior = supplier.service();
    Optional<String> unknown = Options.unknown(behavior, state.options().keySet());
    if (unknown.isPresent()) {
      throw new AttachRefusedException(unknown.get());
    }
    return Attachment.of(supplier, behavior.attach(state));
  }

  private Attachment prepare(Supplier<IommuBehavior> newcomer, SwapRecord swap)
      throws AttachRefusedException, IommuException {
    IommuBehavior behavior = newcomer.service();
    if (behavior.stateVersion() == stateVersion) {
      Attachment next = attach(newcomer, unit.state());
      swap.step("attach", newcomer.label() + " took over registers and tables");
      return next;
    }
    Attachment next = rebuild(newcomer);
    swap.step(
        "rebuild",
        "state version %d to %d: %d mappings rebuilt from the ledger"
            .formatted(stateVersion, behavior.stateVersion(), unit.state().ledger().size()));
    stateVersion = behavior.stateVersion();
    return next;
  }

  /** New registers and tables from the ledger, every IOVA kept; all or nothing. */
  private Attachment rebuild(Supplier<IommuBehavior> newcomer)
      throws AttachRefusedException, IommuException {
    UnitState state = unit.state();
    Map<String, Long> registers = state.registers().snapshot();
    var tables = state.tables().snapshot();
    Map<Long, Long> oldPages = state.pages().setAside();
    boolean done = false;
    try {
      state.registers().clear();
      state.tables().clear();
      state.ledger().hide(true);
      Attachment next = attach(newcomer, state);
      IommuTableDriver driver = next.driver();
      if (driver == null) {
        throw new AttachRefusedException("it has no table driver to rebuild the tables with");
      }
      driver.initialize();
      if (driver.pageSize() > unit.pageSize()) {
        throw new AttachRefusedException(
            "its pages of %d bytes are larger than those of live mappings"
                .formatted(driver.pageSize()));
      }
      for (EndpointDma face : unit.faces()) {
        unit.endpoints().domains().attach(driver, face.endpoint());
      }
      state.ledger().hide(false);
      remap(driver);
      unit.orphans().forget(state.ledger());
      done = true;
      return next;
    } finally {
      state.ledger().hide(false);
      if (done) {
        state.pages().discard(oldPages);
      } else {
        state.pages().restore(oldPages);
        state.registers().clear();
        registers.forEach(state.registers()::set);
        state.tables().clear();
        state.tables().load(tables);
      }
    }
  }

  private void remap(IommuTableDriver driver) throws IommuException {
    List<IommuException> failures = new ArrayList<>();
    unit.state()
        .ledger()
        .forEach((endpoint, iova, gpa, size, permission) -> {
          if (!failures.isEmpty() || unit.orphans().contains(endpoint, iova, size)) {
            return;
          }
          try {
            driver.mapAt(endpoint, iova, gpa, size, permission);
          } catch (IommuException e) {
            failures.add(e);
          }
        });
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }

  private void grant(SwapRecord swap, int parked, String detail) {
    long remembered = 0;
    for (SwapParticipant participant : unit.participants()) {
      remembered += participant.granted();
    }
    swap.granted(parked, remembered);
    swap.step("grant", detail);
  }

  private void finish() {
    SwapRecord swap = open;
    if (swap != null && unit.phase() == IommuUnit.Phase.ATTACHED) {
      unit.room().awaitResumed(RESUME_NANOS);
      swap.resumed();
      open = null;
    } else if (swap != null && unit.phase() == IommuUnit.Phase.CLOSED) {
      swap.outcome("refused");
      open = null;
    }
  }
}
