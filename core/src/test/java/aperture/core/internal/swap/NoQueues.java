package aperture.core.internal.swap;

import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import aperture.virtqueue.ChainBatch;
import java.util.List;
import java.util.Map;

/** A device that is there for its endpoint only. */
final class NoQueues implements VirtioDeviceType {

  @Override
  public String name() {
    return "no-queues";
  }

  @Override
  public int deviceId() {
    return 0x7f;
  }

  @Override
  public String summary() {
    return "has an endpoint and nothing else";
  }

  @Override
  public List<DeviceOption> options() {
    return List.of();
  }

  @Override
  public VirtioDevice create(DeviceSettings settings) {
    return new Device();
  }

  private static final class Device implements VirtioDevice {
    @Override
    public FeatureSet features() {
      return FeatureSet.NONE;
    }

    @Override
    public int queues() {
      return 0;
    }

    @Override
    public int maxQueueSize(int queue) {
      return 0;
    }

    @Override
    public byte[] config() {
      return new byte[0];
    }

    @Override
    public void activate(FeatureSet accepted) {}

    @Override
    public void process(int queue, ChainBatch batch) {
      throw new IllegalStateException("there is no queue");
    }

    @Override
    public void reset() {}

    @Override
    public Map<String, String> details() {
      return Map.of();
    }

    @Override
    public void close() {}
  }
}
