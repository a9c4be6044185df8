package aperture.vhostuser.internal.session;

import aperture.iommu.IommuBehavior;
import aperture.memory.GuestMemory;
import aperture.served.QueueJournal;
import aperture.served.QueueSetup;
import aperture.served.ServedDevice;
import aperture.vhostuser.internal.inflight.InflightQueue;
import aperture.vhostuser.internal.inflight.InflightRegion;
import aperture.vhostuser.internal.iotlb.AccessAudit;
import aperture.vhostuser.internal.memory.RegionTable;
import aperture.vhostuser.internal.migration.DirtyJournal;
import aperture.vhostuser.internal.migration.DirtyJournal.Used;
import aperture.vhostuser.internal.migration.DirtyLog;
import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.wire.VringAddress;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.Resumption;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The rings of one connection: starts those that have all they need, and stops them. */
final class Rings implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Rings.class.getName());
  private static final int DESCRIPTOR_BYTES = 16;

  private final ServedDevice device;
  private final Agreement agreement;
  private final Memory memory;
  private final IommuBehavior iotlb;
  private final @Nullable AccessAudit audit;
  private final List<Ring> rings = new ArrayList<>();
  private @Nullable InflightRegion inflight;
  private @Nullable DirtyLog log;
  private @Nullable Eventfd logged;

  Rings(
      ServedDevice device,
      Agreement agreement,
      Memory memory,
      IommuBehavior iotlb,
      @Nullable AccessAudit audit) {
    this.device = device;
    this.agreement = agreement;
    this.memory = memory;
    this.iotlb = iotlb;
    this.audit = audit;
    for (int i = 0; i < device.queues(); i++) {
      rings.add(new Ring(i));
    }
    device.onBroken((queue, reason) -> rings.get(queue).signalError());
  }

  /** The ring of an index that a peer gave. */
  Ring ring(int index) throws RefusedException {
    if (index < 0 || index >= rings.size()) {
      throw new RefusedException("queue %d of %d".formatted(index, rings.size()));
    }
    return rings.get(index);
  }

  List<Ring> all() {
    return rings;
  }

  boolean anyRunning() {
    return rings.stream().anyMatch(ring -> device.running(ring.index()));
  }

  /** Serves a ring if it has all it needs and is not served yet. */
  void startIfReady(Ring ring) throws IOException {
    if (ring.ready() && agreement.settled() && !device.running(ring.index())) {
      start(ring);
    }
  }

  private void start(Ring ring) throws IOException {
    Optional<IommuBehavior> iommu = agreement.translated() ? Optional.of(iotlb) : Optional.empty();
    GuestMemory guest = memory.attach(iommu);
    VringAddress at = Objects.requireNonNull(ring.address());
    QueueAddresses addresses = addresses(ring, at);
    InflightRegion region = inflight;
    InflightQueue record = region == null ? null : region.queue(ring.index(), ring.size());
    Resumption resumption = record == null ? Resumption.at(ring.base()) : record;
    QueueJournal journal = journal(record, ring, at, guest);
    try {
      device.start(
          ring.index(),
          new QueueSetup(
              ring.size(),
              addresses,
              ring.base(),
              resumption,
              ring.newBell(),
              ring::interrupt,
              journal));
    } catch (QueueConfigurationException e) {
      ring.closeBell();
      throw new RefusedException("queue %d: %s".formatted(ring.index(), e.getMessage()));
    }
  }

  private QueueJournal journal(
      @Nullable InflightQueue record, Ring ring, VringAddress at, GuestMemory guest) {
    List<QueueJournal> journals = new ArrayList<>();
    if (record != null) {
      journals.add(record);
    }
    if (audit != null && agreement.translated()) {
      journals.add(audit.journal(guest));
    }
    DirtyLog current = log;
    if (current != null && agreement.logsAll()) {
      journals.add(new DirtyJournal(current, guest, used(ring, at), this::signalLogged));
    }
    return Journals.of(journals);
  }

  private Used used(Ring ring, VringAddress at) {
    if (!at.logsUsed()) {
      return Used.NOT;
    }
    return agreement.translated() ? Used.WHERE_IT_LIES : Used.at(at.log(), usedBytes(ring.size()));
  }

  private void signalLogged() {
    Eventfd target = logged;
    if (target != null) {
      try {
        target.signal();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "log was not signalled", e);
      }
    }
  }

  private QueueAddresses addresses(Ring ring, VringAddress at) throws RefusedException {
    if (agreement.translated()) {
      return new QueueAddresses(at.descriptors(), at.available(), at.used());
    }
    int size = ring.size();
    return new QueueAddresses(
        gpa(ring, "descriptor table", at.descriptors(), (long) DESCRIPTOR_BYTES * size),
        gpa(ring, "available ring", at.available(), 6 + 2L * size),
        gpa(ring, "used ring", at.used(), usedBytes(size)));
  }

  private static long usedBytes(int size) {
    return 6 + 8L * size;
  }

  private long gpa(Ring ring, String what, long user, long bytes) throws RefusedException {
    long gpa = memory.regions().userToGpa(user, bytes);
    if (gpa == RegionTable.NOT_MEMORY) {
      throw new RefusedException(
          ("queue %d: %s at 0x%x is in no region of memory; if the guest has an IOMMU, its driver "
                  + "did not ack ACCESS_PLATFORM: give the device iommu_platform=on and "
                  + "disable-legacy=on")
              .formatted(ring.index(), what, user));
    }
    return gpa;
  }

  /** Stops serving a ring; it goes on from there when it is served again. */
  void pause(Ring ring) {
    OptionalInt next = device.stop(ring.index());
    next.ifPresent(ring::base);
    ring.closeBell();
  }

  /**
   * Does something that no ring may be served in; those that were are served again afterwards.
   *
   * @throws IOException when it was not done; rings are served again all the same
   */
  void whilePaused(Change change) throws IOException {
    List<Ring> served = rings.stream().filter(ring -> device.running(ring.index())).toList();
    served.forEach(this::pause);
    try {
      change.make();
    } finally {
      for (Ring ring : served) {
        resume(ring);
      }
    }
  }

  /** Serves a ring again that was paused; one that cannot be served breaks. */
  void resume(Ring ring) {
    try {
      startIfReady(ring);
    } catch (IOException e) {
      // Its addresses may have gone with the memory: it stays as it is until it is set up anew.
      LOG.log(Level.WARNING, "{0}: {1}", device.id(), e.getMessage());
      ring.broken(true);
      ring.signalError();
    }
  }

  /** A change to what workers use. */
  @FunctionalInterface
  interface Change {
    void make() throws IOException;
  }

  void inflight(InflightRegion region) {
    InflightRegion old = inflight;
    inflight = region;
    if (old != null) {
      old.close();
    }
  }

  void log(DirtyLog fresh) throws IOException {
    whilePaused(() -> {
      DirtyLog old = log;
      log = fresh;
      if (old != null) {
        old.close();
      }
    });
  }

  void logged(Eventfd fresh) throws IOException {
    whilePaused(() -> {
      Eventfd old = logged;
      logged = fresh;
      if (old != null) {
        old.close();
      }
    });
  }

  /** Stops everything, as after a device reset. */
  void reset() {
    rings.forEach(this::pause);
    rings.forEach(Ring::forget);
  }

  @Override
  public void close() {
    rings.forEach(this::pause);
    rings.forEach(Ring::close);
    if (inflight != null) {
      inflight.close();
    }
    if (log != null) {
      log.close();
    }
    if (logged != null) {
      logged.close();
    }
  }
}
