package aperture.core.internal.dma;

import aperture.dma.DmaException;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The IOMMU of one machine: its state, who is attached to it now, and the gate that everybody
 * passes who wants to use the attached behaviour.
 *
 * <p>Two kinds of callers pass the gate. Queue workers read {@link #grantedWalker} at the start of
 * each batch; driver faces take the lock and wait for the grant. A {@link Handover} closes the
 * gate, waits until both kinds are out, and opens it again.
 *
 * <p>Lock order: the lock here is never taken by a worker that is online, because its holder may
 * wait for workers.
 */
public final class IommuUnit {

  private static final Logger LOG = System.getLogger(IommuUnit.class.getName());

  /** Where the unit stands. */
  public enum Phase {
    ATTACHED,
    /** The behaviour is being replaced, or gone and waited for. */
    REVOKED,
    /** Nobody came in time: closed until somebody does, and the devices are reset. */
    CLOSED
  }

  private final String machine;
  private final String kind;
  private final UnitState state;
  private final FaultLog faults;
  private final Roster<EndpointDma> faces = new Roster<>(EndpointDma[]::new);
  private final List<SwapParticipant> participants = new CopyOnWriteArrayList<>();
  private final FaultReports lock = new FaultReports(this::record);
  private final Condition opened = lock.newCondition();
  private final Orphans orphans = new Orphans();
  private final UnitMappings mappings = new UnitMappings(this, orphans);
  private final UnitEndpoints endpoints = new UnitEndpoints(this, orphans);
  private final WaitingRoom room = new WaitingRoom();
  private volatile @Nullable IommuWalker grantedWalker;
  private volatile @Nullable Attachment attachment;
  private volatile Phase phase = Phase.REVOKED;
  private volatile String closedReason = "no behaviour was attached yet";
  private volatile int pageSize = PageAllocator.PAGE_SIZE;
  private volatile boolean protects = true;

  /** An IOMMU without options. */
  public IommuUnit(
      String machine,
      String kind,
      GuestMemory memory,
      GuestPages pages,
      List<MemoryRange> reserved,
      FaultLog faults) {
    this(machine, kind, Map.of(), memory, pages, reserved, faults);
  }

  /**
   * @param options what the operator chose beside the kind
   */
  public IommuUnit(
      String machine,
      String kind,
      Map<String, String> options,
      GuestMemory memory,
      GuestPages pages,
      List<MemoryRange> reserved,
      FaultLog faults) {
    this.machine = machine;
    this.kind = kind;
    this.faults = faults;
    this.state =
        new UnitState(
            memory, pages, new UnitInvalidator(faces::members), reserved, options, room::answered);
  }

  public String machine() {
    return machine;
  }

  public String kind() {
    return kind;
  }

  public Phase phase() {
    return phase;
  }

  GuestMemory memory() {
    return state.memory();
  }

  UnitState state() {
    return state;
  }

  EndpointDma[] faces() {
    return faces.members();
  }

  List<SwapParticipant> participants() {
    return participants;
  }

  Orphans orphans() {
    return orphans;
  }

  ReentrantLock lock() {
    return lock;
  }

  @Nullable Attachment attachment() {
    return attachment;
  }

  /** The walker that workers may use, null while the gate is closed; one volatile read. */
  @Nullable IommuWalker grantedWalker() {
    return grantedWalker;
  }

  /** Who supplies the behaviour, empty when nobody does. */
  public String supplier() {
    Attachment current = attachment;
    return current == null ? "" : current.supplier().label();
  }

  /** A device that wants to know about swaps. */
  public void join(SwapParticipant participant) {
    participants.add(participant);
  }

  public void leave(SwapParticipant participant) {
    participants.remove(participant);
  }

  /** Registers, tables, and every page that walks of live mappings read. */
  public IommuSnapshot snapshot(String machineType) {
    lock.lock();
    try {
      return Snapshots.take(kind, machineType, state, attachment);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Smallest unit of mapping. Fixed when the IOMMU first comes up: live mappings were rounded to
   * it.
   */
  public int pageSize() {
    return pageSize;
  }

  /** Called once, by the first attachment. */
  void pageSize(int bytes) {
    pageSize = bytes;
  }

  /**
   * Whether it keeps devices from memory that nobody mapped for them, so that the platform
   * describes an IOMMU. Fixed when it first comes up.
   */
  public boolean protects() {
    return protects;
  }

  /** Called once, by the first attachment. */
  void protects(boolean does) {
    protects = does;
  }

  Roster<EndpointDma> roster() {
    return faces;
  }

  /** Explains one translation step by step, without touching anything. */
  public TranslationReport explain(Endpoint endpoint, long iova, long length, Access access) {
    lock.lock();
    try {
      Attachment current = attachment;
      if (current == null) {
        return Explanations.detached(endpoint, iova, length, access, closedReason);
      }
      return Explanations.walked(
          current.instance(), endpoint, Reach.of(state.memory()), iova, length, access);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Logs a fault and has the hardware record it where it does: at once, or when whoever edits the
   * tables is done. Never waits.
   */
  void report(Endpoint endpoint, IommuFault fault) {
    if (!lock.report(endpoint, fault)) {
      faults.add(endpoint, fault, "");
    }
  }

  private void record(FaultReports.Report report) {
    Attachment current = attachment;
    String recorded =
        report.fault().recorded() && current != null
            ? record(current, report.endpoint(), report.fault())
            : "";
    faults.add(report.endpoint(), report.fault(), recorded);
  }

  private static String record(Attachment current, Endpoint endpoint, IommuFault fault) {
    try {
      current.instance().recordFault(endpoint, fault);
      return newest(current.instance().recordedFaults());
    } catch (RuntimeException | LinkageError e) {
      // The caller is a device's worker: what a bundle gets wrong here must not end it.
      LOG.log(Level.WARNING, "a fault of endpoint " + endpoint.id() + " was not recorded", e);
      return "";
    }
  }

  private static String newest(List<RecordedFault> recorded) {
    return recorded.isEmpty() ? "" : recorded.get(recorded.size() - 1).where();
  }

  /** What software finds in the hardware's fault records. */
  public List<RecordedFault> recordedFaults() {
    lock.lock();
    try {
      Attachment current = attachment;
      return current == null ? List.of() : current.instance().recordedFaults();
    } finally {
      lock.unlock();
    }
  }

  /** The driver, once there is one. Called with the lock held, which waiting gives up meanwhile. */
  IommuTableDriver awaitDriver() throws DmaException {
    awaitOpenOrClosed();
    Attachment current = attachment;
    if (phase == Phase.CLOSED || current == null) {
      throw new DmaException("IOMMU %s of %s is closed: %s".formatted(kind, machine, closedReason));
    }
    IommuTableDriver driver = current.driver();
    if (driver == null) {
      throw new DmaException("IOMMU %s has tables that somebody else owns".formatted(kind));
    }
    return driver;
  }

  /** Called with the lock held, which waiting gives up meanwhile. */
  void awaitOpenOrClosed() {
    while (phase == Phase.REVOKED) {
      opened.awaitUninterruptibly();
    }
  }

  /** Who is behind it. */
  public UnitEndpoints endpoints() {
    return endpoints;
  }

  /** What drivers mapped. */
  public UnitMappings mappings() {
    return mappings;
  }

  /** Where workers wait for the gate, and for answers. */
  WaitingRoom room() {
    return room;
  }

  /** Parks a worker until the gate opens or its session may not wait any longer. */
  void awaitGrant(WorkerSession session) throws InterruptedException {
    room.awaitGrant(session, () -> grantedWalker != null);
  }

  /** Forgets every cached translation and waits for those in use. */
  public void invalidateAll() {
    state.invalidator().invalidateAll();
  }

  /** Closes the gate: no worker starts a batch, no driver call enters. */
  void closeGate() {
    phase = Phase.REVOKED;
    grantedWalker = null;
    // Pairs with the fence in a session's begin: a worker that was not seen online sees this.
    VarHandle.fullFence();
  }

  /** Opens the gate. Called with the lock held. */
  int openGate(Attachment granted) {
    orphans.apply(granted.driver(), state.ledger());
    attachment = granted;
    for (EndpointDma face : faces()) {
      face.iotlb().clear();
      for (WorkerSession session : face.sessions()) {
        session.renew();
      }
    }
    phase = Phase.ATTACHED;
    opened.signalAll();
    return room.open(() -> grantedWalker = granted.walker());
  }

  /** Forgets the attached behaviour. Called with the lock held. */
  void detach() {
    attachment = null;
  }

  /** Gives up waiting. */
  void close(String reason) {
    shut(reason);
    participants.forEach(participant -> participant.closed(reason));
  }

  /** As {@link #close}, without telling the devices: they are about to go. */
  public void shut(String reason) {
    lock.lock();
    try {
      closedReason = reason;
      phase = Phase.CLOSED;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Why the unit is closed, when it is. */
  public Optional<String> closedReason() {
    return phase == Phase.CLOSED ? Optional.of(closedReason) : Optional.empty();
  }
}
