package aperture.console.format;

import aperture.admin.DeviceInfo;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.MachineInfo;
import aperture.admin.MachineType;
import aperture.admin.SwapReport;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Which components a table shows: all single values, or a choice where those are too many. */
final class Columns {

  private static final Map<String, List<String>> CHOSEN =
      Map.of(
          DeviceInfo.class.getName(),
          List.of(
              "id",
              "machine",
              "type",
              "endpoint",
              "offer",
              "strict",
              "accepted",
              "pathMode",
              "driver"),
          DeviceTypeInfo.class.getName(),
          List.of("name", "deviceId", "summary", "options"),
          MachineInfo.class.getName(),
          List.of("name", "type", "arch", "memory", "iommu", "iommuState", "behavior", "devices"),
          MachineType.class.getName(),
          List.of(
              "type",
              "family",
              "version",
              "arch",
              "iommus",
              "defaultIommu",
              "offer",
              "strict",
              "legacy",
              "difference"),
          SwapReport.class.getName(),
          List.of(
              "number", "machine", "iommu", "from", "to", "outcome", "pauseMicros", "workMicros"));

  private Columns() {}

  static List<RecordComponent> of(Class<?> record) {
    RecordComponent[] all = record.getRecordComponents();
    List<String> chosen = CHOSEN.get(record.getName());
    if (chosen == null) {
      return Arrays.asList(all);
    }
    return chosen.stream()
        .flatMap(name -> Arrays.stream(all).filter(c -> c.getName().equals(name)))
        .toList();
  }
}
