package aperture.benchmarks;

import aperture.arch.arm64.VirtMachineDefaults;
import aperture.arch.arm64.smmu.SmmuV3Behavior;
import aperture.arch.ppc.PseriesMachineDefaults;
import aperture.arch.ppc.tce.SpaprTceBehavior;
import aperture.arch.sparc.Sun4uMachineDefaults;
import aperture.arch.sparc.sun4u.Sun4uBehavior;
import aperture.arch.x86.PcQ35MachineDefaults;
import aperture.arch.x86.vtd.VtdBehavior;
import aperture.core.Aperture;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import aperture.machine.MachineRow;
import java.util.List;

/** The IOMMU kinds that are measured, each with a machine that has it. */
final class Kinds {

  private Kinds() {}

  /**
   * A kind and its machine family.
   *
   * @param behavior a fresh behaviour
   * @param family a family with a row that can have it
   */
  record Kind(IommuBehavior behavior, MachineDefaults family) {

    /** The newest row that can have the kind. */
    MachineRow row() {
      return family.rows().reversed().stream()
          .filter(row -> row.iommus().contains(behavior.kind()))
          .findFirst()
          .orElseThrow();
    }
  }

  static List<Kind> all() {
    return List.of(
        new Kind(new VtdBehavior(), new PcQ35MachineDefaults()),
        new Kind(new SpaprTceBehavior(), new PseriesMachineDefaults()),
        new Kind(new SmmuV3Behavior(), new VirtMachineDefaults()),
        new Kind(new Sun4uBehavior(), new Sun4uMachineDefaults()));
  }

  /** Hands every kind and family to an engine. */
  static void addTo(Aperture aperture) {
    for (Kind kind : all()) {
      aperture.behavior(kind.behavior()).family(kind.family(), "measured");
    }
  }
}
