package aperture.benchmarks;

import aperture.iommu.IommuBehavior;
import java.util.ArrayList;
import java.util.List;

/**
 * Every walk that is measured: each kind over tables of its own driver, and those that no driver of
 * ours builds. How many entries one walk reads is what the names say; see docs/benchmarks.md.
 */
final class WalkSubjects {

  private WalkSubjects() {}

  static List<Walked> all() throws Exception {
    List<Walked> all = new ArrayList<>();
    for (Kinds.Kind kind : Kinds.all()) {
      all.addAll(of(kind.behavior()));
    }
    return all;
  }

  private static List<Walked> of(IommuBehavior kind) throws Exception {
    String name = kind.kind();
    return switch (name) {
      case "intel-vtd" ->
          List.of(
              DriverTables.chosen(kind, name, 6),
              HandmadeTables.vtdFirstLevel(kind, name + ", first level", 8),
              HandmadeTables.vtdSecondLevel(kind, name + ", PASID, second level", 8),
              HandmadeTables.vtdNested(kind, name + ", nested", 28));
      case "intel-vtd-57" -> List.of(DriverTables.chosen(kind, name, 7));
      case "amd-vi" -> List.of(DriverTables.deep(kind, name, 5));
      case "arm-smmuv3" ->
          List.of(
              DriverTables.chosen(kind, name + ", stage 1", 7),
              HandmadeTables.smmuStage2(kind, name + ", stage 2", 6),
              HandmadeTables.smmuNested(kind, name + ", nested", 31));
      case "powernv-phb3", "powernv-phb4" -> List.of(DriverTables.chosen(kind, name, 5));
      case "xen-pv" -> List.of(DriverTables.chosen(kind, name, 3));
      case "spapr-tce", "spapr-tce-ddw", "sun4v" -> List.of(DriverTables.chosen(kind, name, 2));
      case "sun4u", "xen-hvm", "pci-window" -> List.of(DriverTables.chosen(kind, name, 1));
      default ->
          throw new IllegalStateException("not known how many entries a walk reads: " + name);
    };
  }
}
