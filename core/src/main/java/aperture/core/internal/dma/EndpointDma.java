package aperture.core.internal.dma;

import aperture.access.AddressSpace;
import aperture.dma.DeviceDma;
import aperture.dma.DmaSession;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.memory.GuestMemory;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The device face of one endpoint, and what the IOMMU must know about its workers. */
public final class EndpointDma implements DeviceDma {

  private final Endpoint endpoint;
  private final GuestMemory memory;
  private final @Nullable IommuUnit unit;
  private final Route route;
  private final FaultLog faults;
  private final Iotlb iotlb = new Iotlb();
  private final Roster<WorkerSession> sessions = new Roster<>(WorkerSession[]::new);
  private final Roster<RetainedLease> leases = new Roster<>(RetainedLease[]::new);
  private final LongAdder invalidations = new LongAdder();
  private long endedHits;
  private long endedMisses;
  private volatile AddressSpace space = AddressSpace.PHYSICAL;

  /**
   * @param unit the IOMMU in front of the endpoint; null where there is none
   */
  public EndpointDma(
      Endpoint endpoint, GuestMemory memory, @Nullable IommuUnit unit, FaultLog faults) {
    this(endpoint, memory, unit, Route.IOMMU, faults);
  }

  /**
   * @param unit the machine's IOMMU; null where there is none
   * @param route whether the endpoint is behind it
   */
  public EndpointDma(
      Endpoint endpoint,
      GuestMemory memory,
      @Nullable IommuUnit unit,
      Route route,
      FaultLog faults) {
    this.endpoint = endpoint;
    this.memory = memory;
    this.unit = unit;
    this.route = route;
    this.faults = faults;
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public Route route() {
    return route;
  }

  /** Whether the platform describes an IOMMU in front: one that protects memory. */
  public boolean covered() {
    IommuUnit front = unit;
    return front != null && route != Route.EXCLUDED && front.protects();
  }

  /** What the endpoint's bus addresses pass; null where they are physical. */
  private @Nullable IommuUnit front() {
    return route == Route.IOMMU ? unit : null;
  }

  @Override
  public AddressSpace space() {
    return space;
  }

  @Override
  public void select(AddressSpace selected) {
    space = selected;
  }

  @Override
  public DmaSession openSession() {
    IommuUnit front = front();
    if (front == null || space == AddressSpace.PHYSICAL) {
      return new PhysicalSession(
          endpoint, memory, fault -> faults.add(endpoint, fault.cause(), ""));
    }
    WorkerSession session = new WorkerSession(this, front);
    sessions.add(session);
    return session;
  }

  /**
   * Tells the IOMMU which ranges a session keeps using: its rings.
   *
   * @param ranges first and last address, in pairs
   */
  public static void pin(DmaSession session, long... ranges) {
    if (session instanceof WorkerSession worker) {
      worker.pin(ranges);
    }
  }

  @Override
  public TranslationReport explain(long iova, long length, Access access) {
    IommuUnit front = front();
    return front == null || space == AddressSpace.PHYSICAL
        ? Explanations.physical(endpoint, memory, iova, length, access)
        : front.explain(endpoint, iova, length, access);
  }

  Iotlb iotlb() {
    return iotlb;
  }

  WorkerSession[] sessions() {
    return sessions.members();
  }

  RetainedLease[] leases() {
    return leases.members();
  }

  void retain(RetainedLease lease) {
    leases.add(lease);
  }

  void release(RetainedLease lease) {
    leases.remove(lease);
  }

  synchronized void forget(WorkerSession session) {
    if (sessions.remove(session)) {
      endedHits += session.hits();
      endedMisses += session.misses();
    }
  }

  /**
   * Waits until no worker uses a translation of the range that was made before. Cached translations
   * must have been removed already.
   */
  void awaitRelease(long first, long last) {
    for (WorkerSession session : sessions()) {
      session.awaitRelease(first, last);
    }
    for (RetainedLease lease : leases()) {
      lease.awaitRelease(first, last);
    }
  }

  void countInvalidation() {
    invalidations.increment();
  }

  public synchronized long hits() {
    return endedHits + Arrays.stream(sessions()).mapToLong(WorkerSession::hits).sum();
  }

  public synchronized long misses() {
    return endedMisses + Arrays.stream(sessions()).mapToLong(WorkerSession::misses).sum();
  }

  public long cachedEntries() {
    return iotlb.entries();
  }

  public long invalidations() {
    return invalidations.sum();
  }
}
