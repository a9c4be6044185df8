package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.CONTROL;
import static aperture.arch.x86.amdvi.AmdViRegisters.DEVTAB;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXCL_BASE;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXT_FEATURES;

import aperture.iommu.Registers;

/** The registers that a walk needs, decoded. Immutable. */
final class AmdViView {

  private final long control;
  private final long devtab;
  private final long features;
  private final long exclusionBase;

  final boolean translating;
  final boolean segmented;
  final boolean excludes;
  final boolean guestTranslation;
  final long deviceTable;
  final long deviceTableBytes;
  final int maxLevels;

  private AmdViView(long control, long devtab, long features, long exclusionBase) {
    this.control = control;
    this.devtab = devtab;
    this.features = features;
    this.exclusionBase = exclusionBase;
    translating = ControlLayout.enabled(control);
    segmented = ControlLayout.segmented(control);
    excludes = ControlLayout.excludes(exclusionBase);
    guestTranslation = FeatureLayout.guestTranslation(features);
    deviceTable = DeviceTableLayout.base(devtab);
    deviceTableBytes = DeviceTableLayout.bytes(devtab);
    maxLevels = FeatureLayout.levels(features);
  }

  static AmdViView of(Registers registers) {
    return new AmdViView(
        registers.get(CONTROL),
        registers.get(DEVTAB),
        registers.get(EXT_FEATURES),
        registers.get(EXCL_BASE));
  }

  /** Whether decoding again would give the same. */
  boolean isOf(Registers registers) {
    return control == registers.get(CONTROL)
        && devtab == registers.get(DEVTAB)
        && features == registers.get(EXT_FEATURES)
        && exclusionBase == registers.get(EXCL_BASE);
  }
}
