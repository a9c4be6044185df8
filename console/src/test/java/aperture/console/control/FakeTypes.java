package aperture.console.control;

import aperture.admin.MachineType;
import aperture.admin.RowDifference;
import aperture.machine.ByteOrderName;
import aperture.machine.LegacyInterface;
import java.util.List;
import java.util.Map;

/** Machine types for tests that care about few of their fields. */
public final class FakeTypes {

  private FakeTypes() {}

  /** The newest of its family, which offers nothing. */
  public static MachineType of(
      String type,
      String family,
      String version,
      String arch,
      List<String> iommus,
      String defaultIommu) {
    return of(type, family, version, arch, iommus, defaultIommu, "", List.of());
  }

  /**
   * One that offers nothing.
   *
   * @param next the next version, empty for the newest
   */
  static MachineType of(
      String type,
      String family,
      String version,
      String arch,
      List<String> iommus,
      String defaultIommu,
      String next,
      List<RowDifference> difference) {
    return new MachineType(
        type,
        family,
        version,
        arch,
        iommus,
        defaultIommu,
        "off",
        "on",
        LegacyInterface.TRANSITIONAL,
        List.of("0x0-0x3fffffff"),
        List.of("0x1000-0x1fff messages"),
        4096,
        ByteOrderName.LITTLE,
        Map.of("blk.queue-size", "256"),
        next.isEmpty(),
        next,
        difference);
  }
}
