package aperture.core.internal.device;

import aperture.access.AccessDecision;
import aperture.access.AddressSpace;
import aperture.admin.QueueInfo;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.SwapParticipant;
import aperture.virtio.DeviceStatus;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.QueueFault;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.VirtqueueConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One virtio device as its driver sees it, and the threads that serve it.
 *
 * <p>Register writes are serialised by this object's lock. Workers never take that lock while they
 * are in a batch, so that a reset can wait for them.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Device Initialization" and "Device Status
 * Field".
 */
public final class DeviceEngine implements VirtioTransport, SwapParticipant {

  private static final Logger LOG = System.getLogger(DeviceEngine.class.getName());
  private static final int WRITABLE =
      DeviceStatus.ACKNOWLEDGE
          | DeviceStatus.DRIVER
          | DeviceStatus.DRIVER_OK
          | DeviceStatus.FEATURES_OK
          | DeviceStatus.FAILED;
  private static final byte ALL_ONES = (byte) 0xff;

  private final String id;
  private final int deviceId;
  private final VirtioDevice device;
  private final AccessDecision decision;
  private final EndpointDma dma;
  private final FeatureSet offered;
  private final List<VirtqueueConfig> configs = new ArrayList<>();
  private final @Nullable QueueWorker[] workers;
  private volatile FeatureSet accepted = FeatureSet.NONE;
  private volatile int status;
  private volatile String needsResetReason = "";
  private volatile String refusal = "";
  private volatile InterruptHandler handler = new NoHandler();
  private final long[] pausedKicks;
  private byte[] lastConfig = {};
  private int generation;
  private boolean removed;

  public DeviceEngine(
      String id, int deviceId, VirtioDevice device, AccessDecision decision, EndpointDma dma) {
    this.id = id;
    this.deviceId = deviceId;
    this.device = device;
    this.decision = decision;
    this.dma = dma;
    this.offered = Negotiation.offered(device, decision);
    this.workers = new QueueWorker[device.queues()];
    this.pausedKicks = new long[device.queues()];
    for (int i = 0; i < device.queues(); i++) {
      configs.add(new VirtqueueConfig(device.maxQueueSize(i)));
    }
  }

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
    return offered;
  }

  public FeatureSet accepted() {
    return accepted;
  }

  /** Why the device needs a reset; empty when it does not. */
  public String needsResetReason() {
    return needsResetReason;
  }

  /** Why FEATURES_OK was refused last; empty when it was not. */
  public String refusal() {
    return refusal;
  }

  @Override
  public int deviceId() {
    return deviceId;
  }

  @Override
  public int deviceFeatures(int select) {
    return offered.word(select);
  }

  @Override
  public synchronized void driverFeatures(int select, int value) {
    if ((status & DeviceStatus.FEATURES_OK) == 0) {
      accepted = accepted.withWord(select, value);
    }
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public synchronized void writeStatus(int written) {
    if (removed) {
      return;
    }
    if (written == 0) {
      reset();
      return;
    }
    int added = written & WRITABLE & ~status;
    if ((added & DeviceStatus.FEATURES_OK) != 0 && !featuresOk()) {
      return;
    }
    boolean ready = ((status | added) & DeviceStatus.FEATURES_OK) != 0;
    if ((added & DeviceStatus.DRIVER_OK) != 0 && !ready) {
      LOG.log(Level.WARNING, "{0}: DRIVER_OK without FEATURES_OK is ignored", id);
      return;
    }
    status |= added;
    if ((added & DeviceStatus.DRIVER_OK) != 0 && needsResetReason.isEmpty()) {
      goLive();
    }
  }

  private boolean featuresOk() {
    if ((status & DeviceStatus.DRIVER) == 0) {
      refusal = "FEATURES_OK before DRIVER";
      return false;
    }
    Optional<String> why = Negotiation.refusal(offered, accepted, device, decision);
    refusal = why.orElse("");
    if (why.isPresent()) {
      LOG.log(Level.INFO, "{0}: FEATURES_OK refused: {1}", id, refusal);
      return false;
    }
    dma.select(decision.addressSpace(accepted.has(Feature.ACCESS_PLATFORM)));
    return true;
  }

  private void goLive() {
    device.activate(accepted);
    RingFeatures ring =
        new RingFeatures(accepted.has(Feature.INDIRECT_DESC), accepted.has(Feature.EVENT_IDX));
    for (int i = 0; i < workers.length; i++) {
      if (configs.get(i).enabled()) {
        activate(i, ring);
      }
    }
  }

  private void activate(int queue, RingFeatures ring) {
    try {
      QueueWorker worker = QueueWorker.activate(this, queue, dma, configs.get(queue), ring);
      workers[queue] = worker;
      worker.start();
    } catch (QueueConfigurationException e) {
      needReset("queue %d: %s".formatted(queue, e.getMessage()));
    }
  }

  /** Returns when every worker is gone: from here on nothing touches memory or interrupts. */
  private void reset() {
    for (QueueWorker worker : workers) {
      if (worker != null) {
        worker.stopping();
      }
    }
    for (int i = 0; i < workers.length; i++) {
      QueueWorker worker = workers[i];
      if (worker != null) {
        worker.join();
        workers[i] = null;
      }
    }
    device.reset();
    configs.forEach(VirtqueueConfig::reset);
    Arrays.fill(pausedKicks, 0);
    accepted = FeatureSet.NONE;
    needsResetReason = "";
    refusal = "";
    status = 0;
  }

  @Override
  public int queues() {
    return configs.size();
  }

  @Override
  public int queueMaxSize(int queue) {
    return exists(queue) ? configs.get(queue).maxSize() : 0;
  }

  @Override
  public synchronized void enableQueue(int queue, int size, QueueAddresses addresses) {
    if (!exists(queue) || configs.get(queue).enabled()) {
      return;
    }
    VirtqueueConfig config = configs.get(queue);
    config.size(size);
    config.addresses(addresses);
    config.enabled(true);
  }

  @Override
  public synchronized boolean queueEnabled(int queue) {
    return exists(queue) && configs.get(queue).enabled();
  }

  private boolean exists(int queue) {
    return queue >= 0 && queue < configs.size();
  }

  @Override
  public void notifyQueue(int queue) {
    QueueWorker worker = exists(queue) ? workers[queue] : null;
    if (worker != null) {
      worker.kick();
    }
  }

  @Override
  public synchronized int configGeneration() {
    byte[] now = device.config();
    if (!Arrays.equals(now, lastConfig)) {
      lastConfig = now;
      generation = (generation + 1) & 0xff;
    }
    return generation;
  }

  @Override
  public synchronized int configSize() {
    return device.config().length;
  }

  @Override
  public synchronized void readConfig(int offset, byte[] target) {
    byte[] config = device.config();
    for (int i = 0; i < target.length; i++) {
      long at = (long) offset + i;
      target[i] = at >= 0 && at < config.length ? config[(int) at] : ALL_ONES;
    }
  }

  @Override
  public synchronized void writeConfig(int offset, byte[] source) {
    int size = device.config().length;
    for (int i = 0; i < source.length; i++) {
      long at = (long) offset + i;
      if (at >= 0 && at < size) {
        device.writeConfig((int) at, source[i]);
      }
    }
  }

  @Override
  public void onInterrupt(InterruptHandler newHandler) {
    handler = newHandler;
  }

  /** For a worker: has the device serve a batch. */
  void process(int queue, ChainBatch batch) {
    device.process(queue, batch);
  }

  void interrupt(int queue) {
    handler.queueInterrupt(queue);
  }

  void broken(int queue, QueueFault fault) {
    needReset("queue %d: %s".formatted(queue, fault.describe()));
  }

  void hostFailure(int queue, Throwable cause) {
    LOG.log(Level.WARNING, id + ": queue " + queue + " failed", cause);
    needReset("queue %d: host failure: %s".formatted(queue, cause));
  }

  /** Whether the device waits for a reset. */
  boolean isBroken() {
    return !needsResetReason.isEmpty();
  }

  /**
   * Stops all queue access and asks the driver for a reset. Callable from workers and from a swap:
   * takes no lock that a reset holds while it waits.
   */
  private void needReset(String reason) {
    synchronized (configs) {
      if (isBroken()) {
        return;
      }
      needsResetReason = reason;
    }
    LOG.log(Level.WARNING, "{0} needs a reset: {1}", id, reason);
    for (QueueWorker worker : workers) {
      if (worker != null) {
        worker.stopping();
      }
    }
    boolean live = (status & DeviceStatus.DRIVER_OK) != 0;
    status |= DeviceStatus.NEEDS_RESET;
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
    for (int i = 0; i < workers.length; i++) {
      QueueWorker worker = workers[i];
      pausedKicks[i] = worker == null ? 0 : worker.kicks();
    }
  }

  @Override
  public long granted() {
    long remembered = 0;
    for (int i = 0; i < workers.length; i++) {
      QueueWorker worker = workers[i];
      remembered += worker == null ? 0 : Math.max(0, worker.kicks() - pausedKicks[i]);
    }
    return remembered;
  }

  @Override
  public void closed(String reason) {
    if ((status & DeviceStatus.FEATURES_OK) != 0 && dma.space() == AddressSpace.BUS) {
      needReset(reason);
    }
  }

  /** The queues, for people. */
  public List<QueueInfo> queueRecords() {
    List<QueueInfo> records = new ArrayList<>();
    for (int i = 0; i < workers.length; i++) {
      QueueWorker worker = workers[i];
      records.add(
          worker == null ? new QueueInfo(i, 0, "disabled", 0, 0, 0, 0, 0, 0) : worker.info(i));
    }
    return records;
  }

  /** Ends the device for good. */
  public synchronized void remove() {
    reset();
    removed = true;
    device.close();
  }

  /** Nobody listens yet. */
  private static final class NoHandler implements InterruptHandler {
    @Override
    public void queueInterrupt(int queue) {}

    @Override
    public void configInterrupt() {}
  }
}
