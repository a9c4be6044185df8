package aperture.core;

import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DescriptorChain;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The simplest device: writes back what it read. A test looks into it and makes it fail. It has two
 * queues and a feature of its own, {@link #FEATURE}, that needs {@link #NEEDED}.
 */
final class EchoDevice implements VirtioDevice {

  static final int DEVICE_ID = 0x7e;
  static final int FEATURE = 3;
  static final int NEEDED = 4;
  static final int QUEUES = 2;

  /** First byte of a request that the device takes for malformed. */
  static final byte MALFORMED = (byte) 0xee;

  volatile Runnable onProcess = () -> {};
  volatile Runnable onActivate = () -> {};
  volatile byte[] config = {1, 2, 3, 4};
  volatile ClassLoader workerLoader;
  volatile FeatureSet activated = FeatureSet.NONE;
  final AtomicInteger resets = new AtomicInteger();
  final AtomicInteger served = new AtomicInteger();
  volatile boolean closed;
  private volatile Runnable listener = () -> {};

  @Override
  public FeatureSet features() {
    return FeatureSet.of(FEATURE, NEEDED);
  }

  @Override
  public Optional<String> checkFeatures(FeatureSet accepted) {
    return accepted.has(FEATURE) && !accepted.has(NEEDED)
        ? Optional.of("bit 3 needs bit 4")
        : Optional.empty();
  }

  @Override
  public int queues() {
    return QUEUES;
  }

  @Override
  public int maxQueueSize(int queue) {
    return 64;
  }

  @Override
  public byte[] config() {
    return config.clone();
  }

  @Override
  public void writeConfig(int offset, byte value) {
    byte[] next = config.clone();
    next[offset] = value;
    config = next;
  }

  @Override
  public void onConfigChange(Runnable newListener) {
    listener = newListener;
  }

  /** The configuration gets as many bytes as asked for; at most 8, and with 7 the host fails. */
  @Override
  public long resize(OptionalLong bytes) throws DeviceConfigurationException, IOException {
    int wanted = (int) bytes.orElse(config.length);
    if (wanted > 8) {
      throw new DeviceConfigurationException("no more than 8 bytes");
    }
    if (wanted == 7) {
      throw new IOException("the host fails");
    }
    config = Arrays.copyOf(config, wanted);
    listener.run();
    return wanted;
  }

  /** A change that nobody asked for. */
  void changeConfig(byte[] next) {
    config = next;
    listener.run();
  }

  @Override
  public void activate(FeatureSet accepted) {
    activated = accepted;
    onActivate.run();
  }

  @Override
  public void process(int queue, ChainBatch batch) {
    workerLoader = Thread.currentThread().getContextClassLoader();
    for (int i = 0; i < batch.size(); i++) {
      serve(batch.chain(i));
    }
  }

  private void serve(DescriptorChain chain) {
    byte[] request = new byte[(int) chain.reader().remaining()];
    chain.reader().get(request, 0, request.length);
    // Between reading and writing: what happens meanwhile happens to a request in flight.
    onProcess.run();
    if (request.length > 0 && request[0] == MALFORMED) {
      chain.malformed("it says so itself");
      return;
    }
    int answer = (int) Math.min(request.length, chain.writer().remaining());
    chain.writer().put(request, 0, answer);
    chain.complete(answer);
    served.incrementAndGet();
  }

  @Override
  public void reset() {
    resets.incrementAndGet();
    activated = FeatureSet.NONE;
  }

  @Override
  public Map<String, String> details() {
    return Map.of("served", String.valueOf(served.get()));
  }

  @Override
  public void close() {
    closed = true;
  }

  /** The type; it remembers the devices that it made. */
  static final class Type implements VirtioDeviceType {

    private final Map<String, EchoDevice> made = new ConcurrentHashMap<>();

    EchoDevice device(String id) {
      return made.get(id);
    }

    @Override
    public String name() {
      return "echo";
    }

    @Override
    public int deviceId() {
      return DEVICE_ID;
    }

    @Override
    public String summary() {
      return "writes back what it read";
    }

    @Override
    public List<DeviceOption> options() {
      return List.of();
    }

    @Override
    public VirtioDevice create(DeviceSettings settings) {
      EchoDevice device = new EchoDevice();
      made.put(settings.id(), device);
      return device;
    }
  }
}
