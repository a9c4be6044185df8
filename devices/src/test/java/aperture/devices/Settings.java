package aperture.devices;

import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;
import aperture.virtio.DeviceSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Settings of devices under test. */
public final class Settings {

  private Settings() {}

  /** Options as name, value, name, value. */
  public static DeviceSettings of(String... options) {
    return on(Map.of(), options);
  }

  /** The same, on a machine row with properties. */
  public static DeviceSettings on(Map<String, String> properties, String... options) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < options.length; i += 2) {
      map.put(options[i], options[i + 1]);
    }
    MachineRow row =
        new MachineRow(
            "test-1",
            "test",
            "1",
            List.of(MachineRow.NO_IOMMU),
            MachineRow.NO_IOMMU,
            false,
            false,
            LegacyInterface.MODERN,
            List.of(),
            List.of(),
            4096,
            ByteOrderName.LITTLE,
            properties);
    return new DeviceSettings("d0", row, map);
  }
}
