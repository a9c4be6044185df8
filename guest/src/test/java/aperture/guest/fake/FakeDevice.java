package aperture.guest.fake;

import aperture.virtio.DeviceStatus;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.LegacyTransport;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DescriptorChain;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.VirtqueueConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The registers of a test device, and a thread for each live queue. */
public final class FakeDevice implements VirtioTransport, AutoCloseable {

  private final FakePlatform platform;
  private final FakeModel model;
  private final FeatureSet offered;
  private final List<VirtqueueConfig> configs = new ArrayList<>();
  private final List<FakeWorker> workers = new CopyOnWriteArrayList<>();
  private FeatureSet accepted = FeatureSet.NONE;
  private volatile int status;
  private volatile InterruptHandler handler;
  private volatile boolean held;
  private boolean strict;
  private boolean broken;
  private boolean modern = true;
  private boolean legacy;
  private boolean onBus;
  private int resets;
  private final List<Integer> written = new ArrayList<>();
  private final Map<Integer, QueueAddresses> placed = new HashMap<>();

  /**
   * @param ring features of ring and transport to offer beside those of the model
   */
  public FakeDevice(
      FakePlatform platform, FakeModel model, int queues, int queueSize, Feature... ring) {
    this.platform = platform;
    this.model = model;
    this.offered = model.features().plus(FeatureSet.of(ring));
    for (int i = 0; i < queues; i++) {
      configs.add(new VirtqueueConfig(queueSize));
    }
  }

  /** Refuses FEATURES_OK unless bit 33 is accepted. */
  public FakeDevice strict() {
    strict = true;
    return this;
  }

  /** Has the legacy registers too. */
  public FakeDevice transitional() {
    legacy = true;
    return this;
  }

  /** Has the legacy registers only. */
  public FakeDevice legacyOnly() {
    modern = false;
    return transitional();
  }

  /** A physical function: its addresses are those of the bus, whatever was accepted. */
  public FakeDevice onBus() {
    onBus = true;
    return this;
  }

  /** Its queues cannot be enabled. */
  public FakeDevice withoutQueues() {
    broken = true;
    return this;
  }

  /** Requests stay where they are until {@link #proceed}. */
  public void hold() {
    held = true;
  }

  public void proceed() {
    held = false;
    workers.forEach(FakeWorker::kick);
  }

  /** Stops and asks for a reset. */
  public void breakDown() {
    status |= DeviceStatus.NEEDS_RESET;
    workers.forEach(FakeWorker::end);
    handler.configInterrupt();
  }

  public synchronized FeatureSet accepted() {
    return accepted;
  }

  public synchronized int resets() {
    return resets;
  }

  boolean held() {
    return held;
  }

  void serve(DescriptorChain chain) {
    model.serve(chain);
  }

  void interrupt(int queue) {
    handler.queueInterrupt(queue);
  }

  @Override
  public int deviceId() {
    return model.deviceId();
  }

  @Override
  public int deviceFeatures(int select) {
    return modern ? offered.word(select) : 0;
  }

  FeatureSet offered() {
    return offered;
  }

  @Override
  public Optional<LegacyTransport> legacy() {
    return legacy ? Optional.of(new FakeLegacy(this)) : Optional.empty();
  }

  /** Every status that was written, oldest first. */
  public synchronized List<Integer> written() {
    return List.copyOf(written);
  }

  /** Where a queue was placed last, also once it is gone. */
  public synchronized QueueAddresses placed(int queue) {
    return placed.getOrDefault(queue, new QueueAddresses(0, 0, 0));
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
  public synchronized void writeStatus(int value) {
    written.add(value);
    if (value == 0) {
      reset();
      return;
    }
    int added = value & ~status;
    if ((added & DeviceStatus.FEATURES_OK) != 0
        && ((strict && !accepted.has(Feature.ACCESS_PLATFORM))
            || !accepted.minus(offered).isEmpty())) {
      return;
    }
    status |= added;
    if ((added & DeviceStatus.DRIVER_OK) != 0) {
      goLive();
    }
  }

  private void goLive() {
    boolean bus = onBus || accepted.has(Feature.ACCESS_PLATFORM);
    FakeDma dma = bus ? platform.bus() : platform.direct();
    RingFeatures ring =
        new RingFeatures(accepted.has(Feature.INDIRECT_DESC), accepted.has(Feature.EVENT_IDX));
    for (int i = 0; i < configs.size(); i++) {
      if (configs.get(i).enabled()) {
        FakeWorker worker = new FakeWorker(this, i, configs.get(i), dma.session(), ring);
        workers.add(worker);
        worker.start();
      }
    }
  }

  private void reset() {
    for (FakeWorker worker : workers) {
      worker.end();
      worker.join();
    }
    workers.clear();
    configs.forEach(VirtqueueConfig::reset);
    accepted = FeatureSet.NONE;
    resets++;
    status = 0;
  }

  @Override
  public int queues() {
    return configs.size();
  }

  @Override
  public int queueMaxSize(int queue) {
    return queue < configs.size() ? configs.get(queue).maxSize() : 0;
  }

  @Override
  public synchronized void enableQueue(int queue, int size, QueueAddresses addresses) {
    VirtqueueConfig config = configs.get(queue);
    config.size(size);
    config.addresses(addresses);
    placed.put(queue, addresses);
    config.enabled(!broken);
  }

  @Override
  public synchronized boolean queueEnabled(int queue) {
    return configs.get(queue).enabled();
  }

  @Override
  public void notifyQueue(int queue) {
    workers.get(queue).kick();
  }

  @Override
  public int configGeneration() {
    return 0;
  }

  @Override
  public int configSize() {
    return model.config().length;
  }

  @Override
  public void readConfig(int offset, byte[] target) {
    System.arraycopy(model.config(), offset, target, 0, target.length);
  }

  @Override
  public void writeConfig(int offset, byte[] source) {}

  @Override
  public void onInterrupt(InterruptHandler newHandler) {
    handler = newHandler;
  }

  @Override
  public void close() {
    writeStatus(0);
  }
}
