package aperture.console.control;

import aperture.admin.DeviceControl;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.DeviceStats;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.Diagnosis;
import aperture.admin.FeatureInfo;
import aperture.admin.QueueInfo;
import aperture.virtio.DeviceOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Two device types with options that overlap in name only. */
final class FakeDevices implements DeviceControl {

  private final FakeControls all;

  FakeDevices(FakeControls all) {
    this.all = all;
  }

  @Override
  public List<DeviceTypeInfo> types() {
    return List.of(
        new DeviceTypeInfo(
            "blk",
            2,
            "block device",
            List.of(
                new DeviceOption("file", "raw image", true, false, List.of()),
                new DeviceOption("queues", "how many", false, false, List.of()),
                new DeviceOption("read-only", "no writes", false, true, List.of()),
                new DeviceOption("cache", "mode", false, false, List.of("back", "through")))),
        new DeviceTypeInfo(
            "rng",
            4,
            "entropy",
            List.of(new DeviceOption("max-bytes", "limit", false, false, List.of()))));
  }

  @Override
  public DeviceInfo add(DeviceSpec spec) {
    String id = spec.id().orElse(spec.type() + all.devices.size());
    all.devices.put(id, spec);
    return show(id);
  }

  @Override
  public List<DeviceInfo> list() {
    return all.devices.keySet().stream().map(this::show).toList();
  }

  @Override
  public DeviceInfo show(String id) {
    DeviceSpec spec = all.devices.get(id);
    return new DeviceInfo(
        id,
        spec.machine(),
        spec.type(),
        "00:01.0",
        "RESET",
        spec.access().accessPlatform().word(),
        spec.access().strict().word(),
        "undecided",
        "undecided",
        "T: an IOMMU over the device translates",
        all.drivers.getOrDefault(id, ""),
        List.of(new FeatureInfo(33, "ACCESS_PLATFORM", "bus addresses", true, false)),
        List.of(new QueueInfo(0, 256, "idle", 1, 1, 0, 1, 1, 1)),
        Map.of("file", "disk.img"));
  }

  @Override
  public DeviceStats stats(String id) {
    return new DeviceStats(id, 10, 2, 2, 30, 3, 3, 1, 0, 1);
  }

  @Override
  public Diagnosis why(String id) {
    return new Diagnosis(id, false, List.of("no driver"), "driver:bind " + id + " K2");
  }

  @Override
  public long resize(String id, OptionalLong bytes) {
    return bytes.orElse(1 << 20);
  }

  @Override
  public void remove(String id) {
    all.devices.remove(id);
  }
}
