package aperture.itest.lab;

import aperture.admin.MachineType;
import java.util.List;

/** The architectures of the distribution, and the machine of each that the tests run. */
public enum Arch {
  X86("aperture.arch.x86", "intel-vtd", "pc-q35"),
  PPC("aperture.arch.ppc", "spapr-tce", "pseries"),
  ARM64("aperture.arch.arm64", "arm-smmuv3", "virt"),
  SPARC("aperture.arch.sparc", "sun4u", "sun4u");

  private final String bundle;
  private final String kind;
  private final String family;

  Arch(String bundle, String kind, String family) {
    this.bundle = bundle;
    this.kind = kind;
    this.family = family;
  }

  /** Symbolic name. */
  public String bundle() {
    return bundle;
  }

  /** The IOMMU kind that the tests use; the bundle may supply others as well. */
  public String kind() {
    return kind;
  }

  /** The newest type of the family that has the kind. */
  public String type(List<MachineType> types) {
    return types.stream()
        .filter(type -> type.family().equals(family) && type.iommus().contains(kind))
        .reduce((older, newer) -> newer)
        .orElseThrow(() -> new AssertionError("no %s with %s".formatted(family, kind)))
        .type();
  }
}
