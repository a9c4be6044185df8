package aperture.vhostuser.internal.iotlb;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import aperture.vhostuser.VhostTranslation;
import aperture.vhostuser.internal.iotlb.IotlbTable.Entry;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The IOMMU whose tables are in the front end's hands. A walk that finds nothing asks, and is
 * pending until the answer is here.
 *
 * <p>The permission that is kept is the one that was asked for, however much the answer claims:
 * QEMU answers every successful question with "read and write".
 *
 * <p>Threading: walks come from workers, answers from the asking thread, updates and invalidations
 * from the control thread. The lock is never held while anybody waits for a worker.
 */
public final class FrontEndIotlb extends IommuWalker implements IommuBehavior, IommuInstance {

  public static final String KIND = "vhost-iotlb";

  private static final int PAGE_SIZE = 4096;
  private static final int REFUSED = 1;
  private static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(Set.of((long) PAGE_SIZE), false, true, true, false);

  /** Refusals remembered until the ring is started anew: one is enough to break a queue. */
  private static final int MOST_REFUSALS = 1024;

  /** Questions open at a time: a worker waits for one, so that this is beyond all queues. */
  private static final int MOST_QUESTIONS = 4096;

  /** An open question. */
  private static final class Open {
    private final long since = System.nanoTime();

    /** A translation for it has come. */
    private boolean updated;

    /** What it asks about was invalidated since: whatever the answer is, it may be an old one. */
    private boolean stale;
  }

  private final Consumer<Question> ask;
  private final @Nullable AccessAudit audit;
  private final IotlbTable table = new IotlbTable();
  private final Map<Question, Open> open = new HashMap<>();
  private final LinkedHashSet<Question> refused = new LinkedHashSet<>();

  /** What was true when the rings stopped, for people; empty once anything is told again. */
  private List<VhostTranslation> resting = List.of();

  private long rests;
  private volatile @Nullable IommuState state;
  private long misses;
  private long refusals;
  private long updates;
  private long invalidations;
  private long missNanos;
  private long missMaxNanos;
  private long invalidationNanos;
  private long invalidationMaxNanos;

  /**
   * @param ask passes a question on, without waiting; each is resolved once
   * @param audit looks on; null for none
   */
  public FrontEndIotlb(Consumer<Question> ask, @Nullable AccessAudit audit) {
    this.ask = ask;
    this.audit = audit;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public IommuCapabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public IommuInstance attach(IommuState attached) {
    state = attached;
    return this;
  }

  @Override
  public IommuWalker walker() {
    return this;
  }

  /** None: the guest's own tables stay with the front end. */
  @Override
  public Optional<IommuTableDriver> tableDriver() {
    return Optional.empty();
  }

  /** The front end records what it refuses, where its hardware does. */
  @Override
  public void recordFault(Endpoint endpoint, IommuFault fault) {}

  @Override
  public List<RecordedFault> recordedFaults() {
    return List.of();
  }

  @Override
  public synchronized void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    long page = iova & -PAGE_SIZE;
    Entry entry = table.find(page);
    if (entry != null && (entry.permission() & access.bit()) != 0) {
      found(entry, page, result);
      return;
    }
    Question question = new Question(page, access);
    if (refused.contains(question)) {
      result.fault(
          FaultKind.UNMAPPED, REFUSED, "the front end has no translation for this access", false);
      return;
    }
    if (!open.containsKey(question)) {
      if (open.size() == MOST_QUESTIONS) {
        result.fault(FaultKind.BLOCKED, -1, "the front end owes too many answers", false);
        return;
      }
      open.put(question, new Open());
      misses++;
      ask.accept(question);
    }
    result.pending();
  }

  private static Permission permission(int bits) {
    return Permission.of(
        (bits & Permission.READ.bits()) != 0, (bits & Permission.WRITE.bits()) != 0);
  }

  private static void found(Entry entry, long page, WalkResult result) {
    if (Long.compareUnsigned(entry.last(), page + (PAGE_SIZE - 1)) < 0) {
      result.fault(FaultKind.ADDRESS_SIZE, -1, "the front end maps less than a page", false);
      return;
    }
    long gpa = entry.gpa() + (page - entry.first());
    result.translated(page, gpa, PAGE_SIZE, permission(entry.permission()), 0);
  }

  /**
   * A translation came. Complete when it returns: nobody uses what it replaces.
   *
   * @param gpa guest-physical address of the first byte
   * @param permission what the front end claims is allowed
   */
  public void update(long iova, long size, long gpa, int permission) {
    long last = iova + (size - 1);
    boolean changed;
    synchronized (this) {
      updates++;
      resting = List.of();
      int asked = answered(iova, last);
      notifyAll();
      int kept = permission & asked;
      if (kept == 0) {
        return;
      }
      if (audit != null) {
        // Not later: as soon as it is in the table a walk may find it, and a request may be done.
        audit.coming(iova, last, gpa);
      }
      changed = table.put(new Entry(iova, last, gpa, kept));
      refused.removeIf(question -> within(question.page(), iova, last));
    }
    if (changed) {
      invalidateCore(iova, size);
    }
    if (audit != null) {
      audit.began(iova, last, gpa);
    }
    wakeWalkers();
  }

  /**
   * Marks the questions that a translation answers; returns what they ask for. A translation that
   * nobody asked for is the used ring's, which is written: a front end sends it when a ring starts.
   */
  private int answered(long first, long last) {
    int asked = 0;
    boolean any = false;
    for (Map.Entry<Question, Open> each : open.entrySet()) {
      if (within(each.getKey().page(), first, last)) {
        any = true;
        each.getValue().updated = true;
        asked |= each.getValue().stale ? 0 : each.getKey().access().bit();
      }
    }
    return any ? asked : Permission.WRITE.bits();
  }

  private static boolean within(long page, long first, long last) {
    return Long.compareUnsigned(page + (PAGE_SIZE - 1), first) >= 0
        && Long.compareUnsigned(page, last) <= 0;
  }

  /** A range means nothing any more. Complete when it returns: nobody uses what it meant. */
  public void invalidate(long iova, long size) {
    long start = System.nanoTime();
    long last = iova + (size - 1);
    boolean toTheEnd = Long.compareUnsigned(last, iova) < 0;
    long end = toTheEnd ? -1 : last;
    synchronized (this) {
      resting = List.of();
      // Whole pages: what is left of one would be found and not be enough.
      table.remove(iova & -PAGE_SIZE, end | (PAGE_SIZE - 1));
      open.forEach((question, each) -> {
        if (within(question.page(), iova, end)) {
          each.stale = true;
        }
      });
      notifyAll();
      refused.removeIf(question -> within(question.page(), iova, end));
    }
    invalidateCore(iova, toTheEnd ? 0 : size);
    if (audit != null) {
      audit.ended(iova, end);
    }
    long took = System.nanoTime() - start;
    synchronized (this) {
      invalidations++;
      invalidationNanos += took;
      invalidationMaxNanos = Math.max(invalidationMaxNanos, took);
    }
  }

  private void invalidateCore(long iova, long size) {
    IommuState attached = state;
    if (attached != null) {
      attached.endpoints().forEach(e -> attached.invalidator().invalidate(e, iova, size));
    }
  }

  private void wakeWalkers() {
    IommuState attached = state;
    if (attached != null) {
      attached.answered();
    }
  }

  /**
   * Waits until the translation for a question has arrived that was answered well, or does not
   * matter any more.
   *
   * @return false when it did not in time
   */
  synchronized boolean awaitUpdate(Question question, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (lacksUpdate(question)) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  private boolean lacksUpdate(Question question) {
    Open each = open.get(question);
    return each != null && !each.updated && !each.stale;
  }

  /**
   * The front end's answer is here; who waits walks again.
   *
   * @param refusal whether it has no translation
   */
  public void resolve(Question question, boolean refusal) {
    synchronized (this) {
      Open each = open.remove(question);
      if (each == null) {
        return;
      }
      long took = System.nanoTime() - each.since;
      missNanos += took;
      missMaxNanos = Math.max(missMaxNanos, took);
      if (refusal && !each.stale) {
        refusals++;
        if (refused.size() == MOST_REFUSALS) {
          refused.removeFirst();
        }
        refused.add(question);
      }
    }
    wakeWalkers();
  }

  /** A ring starts anew: what was refused may be asked again. */
  public synchronized void forgetRefusals() {
    refused.clear();
  }

  /** No ring is served any more: nobody says any longer when translations end. */
  public void rest() {
    List<VhostTranslation> last;
    synchronized (this) {
      last = table.list();
    }
    clear();
    synchronized (this) {
      resting = last;
      rests++;
    }
  }

  /** How often the rings have stopped. */
  public synchronized long rests() {
    return rests;
  }

  /**
   * What is true now, or was when the rings stopped.
   *
   * @param since of {@link #rests}: what was true at a stop before counts for nothing
   */
  public synchronized List<VhostTranslation> translations(long since) {
    return rests == since || table.size() > 0 ? table.list() : resting;
  }

  /**
   * No translation is true any more: the memory behind them changed, or nobody says any longer when
   * they end.
   */
  public void clear() {
    synchronized (this) {
      table.clear();
      resting = List.of();
      refused.clear();
      open.values().forEach(each -> each.stale = true);
      notifyAll();
    }
    IommuState attached = state;
    if (attached != null) {
      attached.invalidator().invalidateAll();
    }
    if (audit != null) {
      audit.ended(0, -1L);
    }
  }

  public synchronized IotlbCounters counters() {
    return new IotlbCounters(
        misses,
        refusals,
        updates,
        invalidations,
        table.size(),
        missNanos,
        missMaxNanos,
        invalidationNanos,
        invalidationMaxNanos,
        audit == null ? 0 : audit.accesses(),
        audit == null ? 0 : audit.stale());
  }
}
