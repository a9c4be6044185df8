package aperture.guest.fake;

import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import aperture.virtqueue.ChainBatch;
import java.util.List;
import java.util.Map;

/** The disk in memory as a device type of the real engine. */
public final class RamDiskType implements VirtioDeviceType {

  public static final String NAME = "ram";

  private static final int BYTES = 1 << 20;
  private static final int SEG_MAX = 2;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int deviceId() {
    return 2;
  }

  @Override
  public String summary() {
    return "a disk in memory";
  }

  @Override
  public List<DeviceOption> options() {
    return List.of();
  }

  @Override
  public VirtioDevice create(DeviceSettings settings) {
    return new Device(new RamDisk(BYTES, 1, SEG_MAX));
  }

  private record Device(RamDisk disk) implements VirtioDevice {

    @Override
    public FeatureSet features() {
      return disk.features();
    }

    @Override
    public int queues() {
      return 1;
    }

    @Override
    public int maxQueueSize(int queue) {
      return 64;
    }

    @Override
    public byte[] config() {
      return disk.config();
    }

    @Override
    public void activate(FeatureSet accepted) {}

    @Override
    public void process(int queue, ChainBatch batch) {
      for (int i = 0; i < batch.size(); i++) {
        disk.serve(batch.chain(i));
      }
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
