package aperture.core.internal.device;

import aperture.access.AccessDecision;
import aperture.access.AddressSpace;
import aperture.admin.QueueInfo;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.SwapParticipant;
import aperture.served.QueueJournal;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceStatus;
import aperture.virtio.FeatureSet;
import aperture.virtio.LegacyTransport;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.QueueFault;
import aperture.virtqueue.RingFeatures;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One virtio device as its driver sees it, and the threads that serve it.
 *
 * <p>Three locks, taken in this order. {@code control} serialises writes of the status register; a
 * reset holds it, and only it, while it waits for the workers. This object's lock is the one under
 * which the device type is called. {@code condition} guards what workers and swaps change too: the
 * status bits and the reason of a reset. Workers take none of them in a batch.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Device Initialization" and "Device Status
 * Field".
 */
public final class DeviceEngine implements VirtioTransport, SwapParticipant, WorkerHost {

  private static final int WRITABLE =
      DeviceStatus.ACKNOWLEDGE
          | DeviceStatus.DRIVER
          | DeviceStatus.DRIVER_OK
          | DeviceStatus.FEATURES_OK
          | DeviceStatus.FAILED;

  private final Logger log;
  private final String id;
  private final int deviceId;
  private final VirtioDevice device;
  private final AccessDecision decision;
  private final EndpointDma dma;
  private final Negotiator negotiator;
  private final QueueSetup setup;
  private final ConfigSpace config;
  private final QueueWorkers workers;
  private final Object control = new Object();
  private final Object condition = new Object();
  private volatile int status;
  private volatile String needsResetReason = "";
  private volatile String formerResetReason = "";
  private volatile @Nullable QueueFault queueFault;
  private volatile InterruptHandler handler = InterruptHandler.NONE;
  private boolean removed;

  /**
   * @param requireVersion1 whether a driver of the modern interface must accept VERSION_1
   * @param log where people read what happens to it
   */
  public DeviceEngine(
      String id,
      int deviceId,
      VirtioDevice device,
      AccessDecision decision,
      EndpointDma dma,
      boolean requireVersion1,
      Logger log) {
    this.log = log;
    this.id = id;
    this.deviceId = deviceId;
    this.device = device;
    this.decision = decision;
    this.dma = dma;
    this.negotiator = new Negotiator(id, device, decision, dma, requireVersion1, log);
    this.config = new ConfigSpace(device);
    this.setup = new QueueSetup(device);
    this.workers = new QueueWorkers(setup.count());
    device.onConfigChange(this::configChanged);
  }

  @Override
  public String id() {
    return id;
  }

  public AccessDecision decision() {
    return decision;
  }

  public EndpointDma dma() {
    return dma;
  }

  public VirtioDevice device() {
    return device;
  }

  public FeatureSet offered() {
    return negotiator.offered();
  }

  public FeatureSet accepted() {
    return negotiator.accepted();
  }

  /** Whether features are agreed on, and with them whose addresses the device uses. */
  public boolean negotiated() {
    return negotiator.settled();
  }

  /** What an operator should know about the way that addresses take. */
  public Optional<String> warning() {
    return negotiator.warning();
  }

  /** Why the device needs a reset; empty when it does not. */
  public String needsResetReason() {
    return needsResetReason;
  }

  /** Why it needed one last, where it was reset and has not gone live again; else empty. */
  public String formerResetReason() {
    return formerResetReason;
  }

  /** What broke a queue since the device went live last. */
  public Optional<QueueFault> queueFault() {
    return Optional.ofNullable(queueFault);
  }

  /** Why FEATURES_OK was refused last; empty when it was not. */
  public String refusal() {
    return negotiator.refusal();
  }

  @Override
  public int deviceId() {
    return deviceId;
  }

  @Override
  public int deviceFeatures(int select) {
    return decision.interfaces().modern() ? negotiator.offered().word(select) : 0;
  }

  @Override
  public Optional<LegacyTransport> legacy() {
    return decision.interfaces().legacy()
        ? Optional.of(new LegacyRegisters(this))
        : Optional.empty();
  }

  @Override
  public synchronized void driverFeatures(int select, int value) {
    negotiator.accept(select, value);
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public void writeStatus(int written) {
    writeStatus(written, false);
  }

  /** A write of the status register by the legacy interface. */
  void writeLegacyStatus(int written) {
    writeStatus(written, true);
  }

  private void writeStatus(int written, boolean byLegacy) {
    synchronized (control) {
      if (removed) {
        return;
      }
      if (written == 0) {
        reset();
      } else {
        addStatus(written, byLegacy);
      }
    }
  }

  private synchronized void addStatus(int written, boolean byLegacy) {
    int writable = byLegacy ? WRITABLE & ~DeviceStatus.FEATURES_OK : WRITABLE;
    int added = written & writable & ~status;
    if ((added & DeviceStatus.FEATURES_OK) != 0 && !negotiator.featuresOk(status)) {
      return;
    }
    if (byLegacy && (added & DeviceStatus.DRIVER_OK) != 0) {
      negotiator.legacyGoesOn();
    }
    if ((added & DeviceStatus.DRIVER_OK) != 0 && !negotiator.settled()) {
      log.log(Level.WARNING, "{0}: DRIVER_OK without FEATURES_OK is ignored", id);
      return;
    }
    boolean live;
    synchronized (condition) {
      status |= added;
      live = (added & DeviceStatus.DRIVER_OK) != 0 && !isBroken();
    }
    if (live) {
      goLive();
    }
  }

  private void goLive() {
    queueFault = null;
    formerResetReason = "";
    try {
      device.activate(accepted());
    } catch (RuntimeException | LinkageError e) {
      log.log(Level.WARNING, id + " cannot be activated", e);
      needReset("host failure: " + e);
      return;
    }
    RingFeatures ring = Negotiation.ring(accepted());
    for (int i = 0; i < setup.count(); i++) {
      if (setup.enabled(i)) {
        activate(i, ring);
      }
    }
  }

  private void activate(int queue, RingFeatures ring) {
    try {
      QueueWorker worker =
          QueueWorker.activate(
              this, queue, dma, setup.config(queue), ring, new ParkingBell(), QueueJournal.NONE);
      workers.set(queue, worker);
      worker.start();
      if (isBroken()) {
        // Broken by a queue that was up before: whoever stopped the others may not have seen this.
        worker.stopping();
      }
    } catch (QueueConfigurationException e) {
      needReset("queue %d: %s".formatted(queue, e.getMessage()));
    }
  }

  /** Returns when every worker is gone: from here on nothing touches memory or interrupts. */
  private void reset() {
    workers.stopAll();
    workers.joinAll();
    synchronized (this) {
      device.reset();
      setup.reset();
      negotiator.reset();
    }
    synchronized (condition) {
      if (isBroken()) {
        formerResetReason = needsResetReason;
      }
      needsResetReason = "";
      status = 0;
    }
  }

  @Override
  public int queues() {
    return setup.count();
  }

  @Override
  public int queueMaxSize(int queue) {
    return setup.maxSize(queue);
  }

  @Override
  public synchronized void enableQueue(int queue, int size, QueueAddresses addresses) {
    if (!isLive()) {
      setup.enable(queue, size, addresses);
    }
  }

  /** Takes a queue away that is not at work yet. */
  synchronized void disableQueue(int queue) {
    if (!isLive()) {
      setup.disable(queue);
    }
  }

  /** Where a queue is; all zero for one that is not set up. */
  public synchronized QueueAddresses queueAddresses(int queue) {
    return setup.addresses(queue);
  }

  @Override
  public synchronized boolean queueEnabled(int queue) {
    return setup.enabled(queue);
  }

  private boolean isLive() {
    return (status & DeviceStatus.DRIVER_OK) != 0;
  }

  @Override
  public void notifyQueue(int queue) {
    workers.kick(queue);
  }

  @Override
  public synchronized int configGeneration() {
    return config.generation();
  }

  @Override
  public synchronized int configSize() {
    return config.size();
  }

  @Override
  public synchronized void readConfig(int offset, byte[] target) {
    config.read(offset, target);
  }

  @Override
  public synchronized void writeConfig(int offset, byte[] source) {
    config.write(offset, source);
  }

  /** On any thread. What changed shows in the generation when the driver looks. */
  private void configChanged() {
    if (isLive()) {
      handler.configInterrupt();
    }
  }

  /**
   * Changes the size of what is behind the device, or looks at it again.
   *
   * @return bytes afterwards
   */
  public synchronized long resize(OptionalLong bytes)
      throws DeviceConfigurationException, IOException {
    return device.resize(bytes);
  }

  @Override
  public void onInterrupt(InterruptHandler newHandler) {
    handler = newHandler;
  }

  @Override
  public void process(int queue, ChainBatch batch) {
    device.process(queue, batch);
  }

  @Override
  public void interrupt(int queue) {
    handler.queueInterrupt(queue);
  }

  @Override
  public void broken(int queue, QueueFault fault) {
    queueFault = fault;
    needReset("queue %d: %s".formatted(queue, fault.describe()));
  }

  @Override
  public void hostFailure(int queue, Throwable cause) {
    log.log(Level.WARNING, id + ": queue " + queue + " failed", cause);
    needReset("queue %d: host failure: %s".formatted(queue, cause));
  }

  @Override
  public boolean isBroken() {
    return !needsResetReason.isEmpty();
  }

  /**
   * Stops all queue access and asks the driver for a reset. Callable from workers and from a swap:
   * takes no lock that a reset holds while it waits.
   */
  private void needReset(String reason) {
    boolean live;
    synchronized (condition) {
      if (isBroken()) {
        return;
      }
      needsResetReason = reason;
      live = isLive();
      status |= DeviceStatus.NEEDS_RESET;
    }
    log.log(Level.WARNING, "{0} needs a reset: {1}", id, reason);
    workers.stopAll();
    if (live) {
      handler.configInterrupt();
    }
  }

  @Override
  public int endpointIndex() {
    return dma.endpoint().index();
  }

  @Override
  public void revoked() {
    workers.countFromHere();
  }

  @Override
  public long granted() {
    return workers.remembered();
  }

  @Override
  public void closed(String reason) {
    if (negotiator.settled() && dma.space() == AddressSpace.BUS) {
      needReset(reason);
    }
  }

  /** The queues, for people. */
  public List<QueueInfo> queueRecords() {
    return workers.records();
  }

  /** Ends the device for good. */
  public void remove() {
    synchronized (control) {
      reset();
      removed = true;
      synchronized (this) {
        device.close();
      }
    }
  }
}
