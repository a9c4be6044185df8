package aperture.core.internal.dma;

import aperture.dma.DmaFault;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.Lease;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuWalker;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A worker's session behind an IOMMU.
 *
 * <p>Its state word is what others wait on:
 *
 * <pre>
 *   63                               2 1     0
 *   | batches ended                   | phase |   phase: 0 offline, 1 translating, 2 holding,
 *                                                        3 in the walker, a part of translating
 * </pre>
 */
final class WorkerSession implements DmaSession {

  private static final int OFFLINE = 0;
  private static final int TRANSLATING = 1;
  private static final int HOLDING = 2;
  private static final int WALKING = 3;
  private static final int PHASE_BITS = 2;
  private static final int PHASE_MASK = 3;
  private static final long NOT_PENDING = -1;

  /** Walks repeated because an invalidation came in between, before the batch is given up. */
  private static final int MAX_WALKS = 16;

  /** Pages of a range that are asked for while the first is pending. */
  private static final long MOST_AHEAD = 64;

  private static final VarHandle STATE;
  private static final VarHandle OWNER;
  private static final VarHandle GENERATION;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(WorkerSession.class, "state", long.class);
      OWNER = lookup.findVarHandle(WorkerSession.class, "owner", Thread.class);
      GENERATION = lookup.findVarHandle(WorkerSession.class, "generation", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final IommuUnit unit;
  private final EndpointDma face;
  private final Endpoint endpoint;
  private final GuestMemory memory;
  private final Iotlb iotlb;
  private final WalkResult walk = WalkResult.withoutSteps();
  private final BatchLeases leases = new BatchLeases();

  private long state;

  @SuppressWarnings("UnusedVariable") // through OWNER
  private @Nullable Thread owner;

  private volatile long generation = 1;
  private volatile boolean cutOff;
  private volatile boolean closed;

  private Iotlb.Table table;
  private IommuWalker walker = NoWalker.INSTANCE;
  private long missOffset;
  private @Nullable DmaFault fault;
  private boolean faultUnreported;
  private long hits;

  /** Answers that the unit had been given before the first pending walk; NOT_PENDING for none. */
  private long pendingSince = NOT_PENDING;

  private long misses;

  private volatile long[] pinned = new long[0];

  WorkerSession(EndpointDma face, IommuUnit unit) {
    this.unit = unit;
    this.face = face;
    this.endpoint = face.endpoint();
    this.memory = unit.memory();
    this.iotlb = face.iotlb();
    this.table = iotlb.table();
  }

  @Override
  public boolean begin() {
    OWNER.setOpaque(this, Thread.currentThread());
    leases.clear();
    STATE.setOpaque(this, state & ~PHASE_MASK | TRANSLATING);
    // Pairs with the fence after a removal and after a revoke: either this worker sees what they
    // did, or they see this worker online and wait.
    VarHandle.fullFence();
    IommuWalker current = unit.grantedWalker();
    if (current == null || cutOff || closed) {
      STATE.setRelease(this, state & ~PHASE_MASK | OFFLINE);
      return false;
    }
    walker = current;
    table = iotlb.table();
    return true;
  }

  @Override
  public TranslateStatus translate(long iova, long length, Access access, DmaRanges out) {
    long offset = translateCached(iova, length, access.bit());
    return offset != NOT_CACHED && out.append(offset, length)
        ? TranslateStatus.OK
        : translatePages(iova, length, access, out);
  }

  @Override
  public long translateCached(long iova, long length, int need) {
    long inPage = iova & Iotlb.PAGE_MASK;
    // One unsigned comparison: at least a byte, and none behind the page.
    if (Long.compareUnsigned(length - 1, Iotlb.PAGE_MASK - inPage) > 0) {
      return NOT_CACHED;
    }
    long page = table.find(iova >>> Iotlb.PAGE_SHIFT, need);
    return page != Iotlb.MISS && leases.addPage(iova) ? page + inPage : NOT_CACHED;
  }

  /** Several pages, or one that is not cached. */
  private TranslateStatus translatePages(long iova, long length, Access access, DmaRanges out) {
    if (cutOff) {
      return TranslateStatus.REVOKED;
    }
    long last = iova + (length - 1);
    if (length <= 0 || Long.compareUnsigned(last, iova) < 0) {
      return wraps(iova, length, access);
    }
    leases.addRange(iova, last);
    int from = out.count();
    int need = access.bit();
    long at = iova;
    long left = length;
    while (true) {
      long page = table.find(at >>> Iotlb.PAGE_SHIFT, need);
      if (page == Iotlb.MISS) {
        TranslateStatus status = miss(at, iova, length, access);
        if (status != TranslateStatus.OK) {
          out.truncate(from);
          return status == TranslateStatus.RESTART ? walkAhead(at, last, access) : status;
        }
        page = missOffset;
      } else {
        hits++;
      }
      long inPage = at & Iotlb.PAGE_MASK;
      long step = Math.min(left, Iotlb.PAGE_MASK + 1 - inPage);
      if (!out.append(page + inPage, step, from)) {
        out.truncate(from);
        return fail(Faults.tooLong(endpoint, iova, length, access));
      }
      left -= step;
      if (left == 0) {
        return TranslateStatus.OK;
      }
      at += step;
    }
  }

  /**
   * Walks for the pages behind one that is pending, so that who answers is asked for all of them at
   * once; what the walks find is found again.
   */
  private TranslateStatus walkAhead(long pending, long last, Access access) {
    long page = pending >>> Iotlb.PAGE_SHIFT;
    long pages = Math.min((last >>> Iotlb.PAGE_SHIFT) - page, MOST_AHEAD);
    int need = access.bit();
    for (long next = page + 1; next <= page + pages; next++) {
      if (table.find(next, need) == Iotlb.MISS) {
        STATE.setRelease(this, state & ~PHASE_MASK | WALKING);
        Walks.walk(walker, endpoint, next << Iotlb.PAGE_SHIFT, access, walk);
        STATE.setRelease(this, state & ~PHASE_MASK | TRANSLATING);
        // As in miss: nobody waits for a worker that was cut off in the walker.
        VarHandle.fullFence();
        if (cutOff) {
          return TranslateStatus.REVOKED;
        }
      }
    }
    return TranslateStatus.RESTART;
  }

  private TranslateStatus wraps(long iova, long length, Access access) {
    return fail(Faults.wraps(endpoint, iova, length, access));
  }

  private TranslateStatus miss(long at, long iova, long length, Access access) {
    misses++;
    long page = at & ~Iotlb.PAGE_MASK;
    for (int attempt = 0; attempt < MAX_WALKS; attempt++) {
      long sequence = iotlb.sequence();
      long answers = unit.room().answers();
      STATE.setRelease(this, state & ~PHASE_MASK | WALKING);
      Walks.walk(walker, endpoint, at, access, walk);
      long offset =
          walk.outcome() == WalkResult.Outcome.TRANSLATED
              ? memory.offsetOf(walk.gpaOf(page), Iotlb.PAGE_MASK + 1)
              : GuestMemory.NOT_MEMORY;
      DmaFault why =
          walk.outcome() != WalkResult.Outcome.PENDING && offset == GuestMemory.NOT_MEMORY
              ? Faults.analyse(walker, endpoint, Reach.of(memory), iova, length, access, at)
              : null;
      STATE.setRelease(this, state & ~PHASE_MASK | TRANSLATING);
      // Pairs with the fence in awaitRelease: either this worker sees that it is cut off, or who
      // looks at it sees it out of the walker.
      VarHandle.fullFence();
      if (cutOff) {
        // The endpoint was closed while the old code walked: its answer counts for nothing.
        return TranslateStatus.REVOKED;
      }
      if (walk.outcome() == WalkResult.Outcome.PENDING) {
        // Of several walks the first counts: whatever has come since, it is time to look again.
        pendingSince = pendingSince == NOT_PENDING ? answers : pendingSince;
        return TranslateStatus.RESTART;
      }
      if (why != null) {
        return fail(why);
      }
      if (iotlb.fill(at >>> Iotlb.PAGE_SHIFT, offset, walk.permission(), walk.domain(), sequence)) {
        table = iotlb.table();
        missOffset = offset;
        return TranslateStatus.OK;
      }
    }
    return TranslateStatus.RESTART;
  }

  private TranslateStatus fail(DmaFault why) {
    fault = why;
    faultUnreported = true;
    return TranslateStatus.FAULT;
  }

  @Override
  public void hold() {
    // Pairs with the acquire in awaitRelease: whoever sees the phase sees the leases.
    STATE.setRelease(this, state & ~PHASE_MASK | HOLDING);
  }

  @Override
  public void end() {
    hits += leases.pages();
    STATE.setRelease(this, ((state >>> PHASE_BITS) + 1) << PHASE_BITS | OFFLINE);
    if (faultUnreported) {
      reportFault();
    }
  }

  /** Offline by now: recording calls the old code, which others may be waiting to leave. */
  private void reportFault() {
    faultUnreported = false;
    DmaFault last = fault;
    if (last != null) {
      unit.report(endpoint, last.cause());
    }
  }

  @Override
  public Lease retain() {
    RetainedLease lease = new RetainedLease(face, leases.ranges());
    face.retain(lease);
    return lease;
  }

  @Override
  public Optional<DmaFault> fault() {
    return Optional.ofNullable(fault);
  }

  @Override
  public long generation() {
    return generation;
  }

  @Override
  public void awaitGrant() throws InterruptedException {
    unit.awaitGrant(this);
  }

  @Override
  public void awaitAnswer() throws InterruptedException {
    long since = pendingSince;
    if (since != NOT_PENDING) {
      pendingSince = NOT_PENDING;
      unit.room().awaitAnswer(this, since);
    }
  }

  @Override
  public GuestMemory memory() {
    return memory;
  }

  @Override
  public void close() {
    closed = true;
    // Pairs with the fence in begin: either it sees the session closed, or is seen online here.
    VarHandle.fullFence();
    unit.room().wake();
    // A worker in a batch stays known until it has left: others must be able to wait for it.
    if (!online()) {
      face.forget(this);
    }
  }

  boolean mayNotWait() {
    return closed || cutOff;
  }

  /** Ranges translated once and used in every batch: the rings. First and last, in pairs. */
  void pin(long[] ranges) {
    pinned = ranges.clone();
  }

  /** Makes the worker translate its rings again, when they overlap the range. */
  void staleRings(long first, long last) {
    if (Ranges.overlap(pinned, first, last)) {
      renew();
    }
  }

  /** Every translation made in earlier batches may have changed. */
  void renew() {
    GENERATION.getAndAdd(this, 1L);
  }

  /**
   * Lets go of the old code. Only while the gate is closed and the worker is offline: it fetches a
   * walker anew when it comes back.
   */
  void forgetWalker() {
    walker = NoWalker.INSTANCE;
  }

  void cutOff() {
    cutOff = true;
  }

  boolean online() {
    return ((long) STATE.getAcquire(this) & PHASE_MASK) != OFFLINE;
  }

  long hits() {
    return hits;
  }

  long misses() {
    return misses;
  }

  /**
   * Waits until this worker can no longer use a translation of the range that it made before the
   * caller removed it. Never waits for the caller's own session.
   */
  void awaitRelease(long first, long last) {
    long seen = (long) STATE.getAcquire(this);
    if ((seen & PHASE_MASK) == OFFLINE || Thread.currentThread().equals(OWNER.getOpaque(this))) {
      return;
    }
    long batch = seen >>> PHASE_BITS;
    int round = 0;
    while (translating(seen) && seen >>> PHASE_BITS == batch) {
      if (lostInWalker()) {
        return;
      }
      Backoff.pause(round++);
      seen = (long) STATE.getAcquire(this);
    }
    if (seen >>> PHASE_BITS != batch || !overlaps(first, last)) {
      return;
    }
    while (seen >>> PHASE_BITS == batch && (seen & PHASE_MASK) != OFFLINE) {
      Backoff.pause(round++);
      seen = (long) STATE.getAcquire(this);
    }
  }

  private static boolean translating(long seen) {
    return (seen & PHASE_MASK) == TRANSLATING || (seen & PHASE_MASK) == WALKING;
  }

  /** Cut off in the walker: when it comes back it drops its whole batch. */
  private boolean lostInWalker() {
    if (!cutOff) {
      return false;
    }
    VarHandle.fullFence();
    return ((long) STATE.getAcquire(this) & PHASE_MASK) == WALKING;
  }

  private boolean overlaps(long first, long last) {
    return leases.overlap(first, last) || Ranges.overlap(pinned, first, last);
  }

  /** The walker of a session that never had a batch. */
  private static final class NoWalker extends IommuWalker {
    static final NoWalker INSTANCE = new NoWalker();

    @Override
    public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
      result.fault(FaultKind.DETACHED, -1, "no behaviour is attached", false);
    }
  }
}
