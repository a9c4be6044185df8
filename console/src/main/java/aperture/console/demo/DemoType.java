package aperture.console.demo;

import aperture.admin.MachineType;
import aperture.machine.MachineRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The machine type that stands for an architecture.
 *
 * @param type the type
 * @param iommu the IOMMU kind in front of its device
 */
record DemoType(MachineType type, String iommu) {

  /** One for each architecture that has a type with an IOMMU. */
  static List<DemoType> forEachArchitecture(List<MachineType> types) {
    Map<String, DemoType> chosen = new TreeMap<>();
    Comparator<DemoType> better =
        Comparator.comparing((DemoType d) -> !d.type.defaultIommu().equals(MachineRow.NO_IOMMU))
            .thenComparingInt(d -> d.kinds().size());
    for (MachineType type : types) {
      List<String> kinds = kinds(type);
      if (!kinds.isEmpty()) {
        String iommu = kinds.contains(type.defaultIommu()) ? type.defaultIommu() : kinds.getFirst();
        DemoType candidate = new DemoType(type, iommu);
        chosen.merge(
            type.arch(), candidate, (old, newer) -> better.compare(newer, old) >= 0 ? newer : old);
      }
    }
    return new ArrayList<>(chosen.values());
  }

  private List<String> kinds() {
    return kinds(type);
  }

  private static List<String> kinds(MachineType type) {
    return type.iommus().stream().filter(kind -> !kind.equals(MachineRow.NO_IOMMU)).toList();
  }
}
