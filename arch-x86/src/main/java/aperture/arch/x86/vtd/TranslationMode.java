package aperture.arch.x86.vtd;

import aperture.iommu.AttachRefusedException;
import java.util.Locale;
import java.util.Map;

/** In which mode the driver brings a fresh unit up: the operator's choice. */
enum TranslationMode {
  /** Context entries name the tables. */
  LEGACY(RootAddressLayout.TTM_LEGACY),
  /** Context entries name a PASID directory, and PASID entries the tables. */
  SCALABLE(RootAddressLayout.TTM_SCALABLE);

  static final String OPTION = "mode";

  private final int code;

  TranslationMode(int code) {
    this.code = code;
  }

  /** Translation table mode of the root table address register. */
  int code() {
    return code;
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What was chosen; legacy when nothing was.
   *
   * @throws AttachRefusedException when the value is none of the two
   */
  static TranslationMode of(Map<String, String> options) throws AttachRefusedException {
    String chosen = options.getOrDefault(OPTION, LEGACY.word());
    for (TranslationMode mode : values()) {
      if (mode.word().equals(chosen)) {
        return mode;
      }
    }
    throw new AttachRefusedException(
        "%s=%s: %s or %s".formatted(OPTION, chosen, LEGACY.word(), SCALABLE.word()));
  }
}
