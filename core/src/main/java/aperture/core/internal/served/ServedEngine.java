package aperture.core.internal.served;

import aperture.access.AccessDecision;
import aperture.admin.QueueInfo;
import aperture.core.internal.device.ConfigSpace;
import aperture.core.internal.device.Negotiation;
import aperture.core.internal.device.QueueWorker;
import aperture.core.internal.device.WorkerHost;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.FaultLog;
import aperture.iommu.IommuBehavior;
import aperture.memory.GuestMemory;
import aperture.served.QueueSetup;
import aperture.served.ServedDevice;
import aperture.served.ServedStats;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.FeatureSet;
import aperture.virtio.NamedFeature;
import aperture.virtio.VirtioDevice;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.QueueFault;
import aperture.virtqueue.VirtqueueConfig;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A device whose driver is in another process, and the threads that serve it. The lock is held by
 * control calls only, while they wait for workers too: a worker never takes it.
 */
public final class ServedEngine implements ServedDevice, WorkerHost {

  private static final Logger LOG = System.getLogger(ServedEngine.class.getName());

  private final String id;
  private final int deviceId;
  private final VirtioDevice device;
  private final AccessDecision decision;
  private final FeatureSet offered;
  private final ConfigSpace config;
  private final FaultLog faults = new FaultLog();
  private final ServedQueue[] queues;
  private @Nullable FeatureSet accepted;
  private volatile @Nullable ServedMemory memory;
  private volatile String brokenReason = "";
  private volatile BrokenListener listener = (queue, reason) -> {};

  public ServedEngine(String id, int deviceId, VirtioDevice device, AccessDecision decision) {
    this.id = id;
    this.deviceId = deviceId;
    this.device = device;
    this.decision = decision;
    this.config = new ConfigSpace(device);
    this.offered = Negotiation.offered(device, decision);
    this.queues = new ServedQueue[device.queues()];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new ServedQueue(i);
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public int deviceId() {
    return deviceId;
  }

  @Override
  public AccessDecision decision() {
    return decision;
  }

  @Override
  public FeatureSet offered() {
    return offered;
  }

  @Override
  public NamedFeature feature(int bit) {
    return NamedFeature.of(bit, device);
  }

  @Override
  public int queues() {
    return queues.length;
  }

  @Override
  public int maxQueueSize(int queue) {
    return queue >= 0 && queue < queues.length ? device.maxQueueSize(queue) : 0;
  }

  @Override
  public synchronized byte[] config() {
    return device.config();
  }

  @Override
  public synchronized void writeConfig(int offset, byte[] source) {
    config.write(offset, source);
  }

  @Override
  public synchronized Optional<String> accept(FeatureSet features) {
    if (features.equals(accepted)) {
      return Optional.empty();
    }
    if (anyRunning()) {
      return Optional.of("features cannot change while a queue runs");
    }
    Optional<String> refusal = Negotiation.refusalOf(offered, features, device);
    if (refusal.isEmpty()) {
      device.reset();
      device.activate(features);
      accepted = features;
    }
    return refusal;
  }

  @Override
  public synchronized void attach(GuestMemory newMemory, Optional<IommuBehavior> iommu) {
    if (anyRunning()) {
      throw new IllegalStateException(id + ": a queue runs");
    }
    memory = ServedMemory.of(id, newMemory, iommu, faults);
  }

  @Override
  public synchronized void start(int queue, QueueSetup setup) throws QueueConfigurationException {
    ServedMemory current = memory;
    FeatureSet features = accepted;
    if (current == null || features == null || running(queue)) {
      throw new IllegalStateException(
          "%s: queue %d runs, or has no memory or features".formatted(id, queue));
    }
    if (!anyRunning()) {
      brokenReason = "";
    }
    VirtqueueConfig queueConfig = new VirtqueueConfig(device.maxQueueSize(queue));
    queueConfig.size(setup.size());
    queueConfig.addresses(setup.addresses());
    queueConfig.enabled(true);
    queueConfig.resume(setup.nextAvailable(), setup.resumption());
    queues[queue].start(
        QueueWorker.activate(
            this,
            queue,
            current.dma(),
            queueConfig,
            Negotiation.ring(features),
            setup.bell(),
            setup.journal()),
        setup.interrupt());
  }

  @Override
  public synchronized OptionalInt stop(int queue) {
    return queues[queue].stop();
  }

  @Override
  public boolean running(int queue) {
    return queues[queue].running();
  }

  private boolean anyRunning() {
    for (ServedQueue queue : queues) {
      if (queue.running()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void onBroken(BrokenListener newListener) {
    listener = newListener;
  }

  @Override
  public void onConfigChange(Runnable changed) {
    device.onConfigChange(changed);
  }

  @Override
  public synchronized long resize(OptionalLong bytes)
      throws DeviceConfigurationException, IOException {
    return device.resize(bytes);
  }

  @Override
  public synchronized void reset() {
    for (ServedQueue queue : queues) {
      queue.stopping();
    }
    for (ServedQueue queue : queues) {
      queue.stop();
    }
    device.reset();
    accepted = null;
    memory = null;
    brokenReason = "";
  }

  @Override
  public ServedStats stats() {
    ServedMemory current = memory;
    EndpointDma dma = current == null ? null : current.dma();
    List<QueueInfo> infos = new ArrayList<>();
    for (ServedQueue queue : queues) {
      infos.add(queue.info());
    }
    return new ServedStats(
        infos,
        dma == null ? 0 : dma.hits(),
        dma == null ? 0 : dma.misses(),
        dma == null ? 0 : dma.cachedEntries(),
        dma == null ? 0 : dma.invalidations(),
        brokenReason,
        device.details());
  }

  @Override
  public void close() {
    reset();
    device.close();
  }

  @Override
  public void process(int queue, ChainBatch batch) {
    device.process(queue, batch);
  }

  @Override
  public void interrupt(int queue) {
    queues[queue].interrupt();
  }

  @Override
  public void broken(int queue, QueueFault fault) {
    stopServing(queue, fault.describe());
  }

  @Override
  public void hostFailure(int queue, Throwable cause) {
    LOG.log(Level.WARNING, id + ": queue " + queue + " failed", cause);
    stopServing(queue, "host failure: " + cause);
  }

  @Override
  public boolean isBroken() {
    return !brokenReason.isEmpty();
  }

  /** One broken queue stops them all: the driver has to reset the device anyway. */
  private void stopServing(int queue, String reason) {
    brokenReason = "queue %d: %s".formatted(queue, reason);
    LOG.log(Level.WARNING, "{0} needs a reset: {1}", id, brokenReason);
    for (ServedQueue each : queues) {
      each.stopping();
    }
    listener.broken(queue, reason);
  }
}
