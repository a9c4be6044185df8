package aperture.benchmarks;

import aperture.core.Aperture;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The IOMMU kinds that machine rows name, each with a machine that has it. */
final class Kinds {

  private static final String INVALIDATION = "invalidation";

  private Kinds() {}

  /**
   * A kind and its machine.
   *
   * @param behavior a fresh behaviour
   * @param row the newest of a family that can have it
   */
  record Kind(IommuBehavior behavior, MachineRow row) {

    String name() {
      return behavior.kind();
    }

    /** Whether unmaps can put their invalidation off. */
    boolean canBeLazy() {
      return behavior.options().contains(INVALIDATION);
    }

    /** Options of a machine that puts invalidations off where the kind can. */
    Map<String, String> laziest() {
      return canBeLazy() ? Map.of(INVALIDATION, "lazy") : Map.of();
    }
  }

  /** All kinds, in the order in which rows name them. */
  static List<Kind> all() throws Exception {
    Map<String, MachineRow> rows = new LinkedHashMap<>();
    for (MachineDefaults family : Services.families()) {
      for (MachineRow row : family.rows().reversed()) {
        row.iommus().forEach(kind -> rows.putIfAbsent(kind, row));
      }
    }
    rows.remove(MachineRow.NO_IOMMU);
    List<IommuBehavior> behaviors = Services.behaviors();
    List<Kind> kinds = new ArrayList<>();
    for (Map.Entry<String, MachineRow> row : rows.entrySet()) {
      IommuBehavior behavior =
          behaviors.stream()
              .filter(each -> each.kind().equals(row.getKey()))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("nobody supplies " + row.getKey()));
      kinds.add(new Kind(behavior, row.getValue()));
    }
    return kinds;
  }

  /** Hands every kind and family to an engine. */
  static void addTo(Aperture aperture) throws Exception {
    Services.behaviors().forEach(aperture::behavior);
    Services.families().forEach(family -> aperture.family(family, "measured"));
  }
}
