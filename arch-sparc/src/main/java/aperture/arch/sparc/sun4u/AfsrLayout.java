package aperture.arch.sparc.sun4u;

import aperture.iommu.Access;

/**
 * The status of uncorrectable errors: the first error since software cleared it is primary, later
 * ones are only counted among the secondary bits.
 *
 * <pre>
 *   63   62     61   60   59     58     57     56   55            0
 *   +---+------+------+---+------+------+------+------+-----------+
 *   | - | PDRD | PDWR | - | SDRD | SDWR | SDTE | PDTE |    ...    |
 *   +---+------+------+---+------+------+------+------+-----------+
 * </pre>
 *
 * <p>P is primary, S secondary; DRD a device's read, DWR its write, DTE a translation error.
 *
 * <p>Source: Linux 6.1, arch/sparc/kernel/pci_sabre.c, SABRE_UEAFSR_*.
 */
final class AfsrLayout {

  private static final long PRIMARY_READ = 1L << 62;
  private static final long PRIMARY_WRITE = 1L << 61;
  private static final long SECONDARY_READ = 1L << 59;
  private static final long SECONDARY_WRITE = 1L << 58;
  private static final long SECONDARY_TRANSLATION = 1L << 57;
  private static final long PRIMARY_TRANSLATION = 1L << 56;
  private static final long PRIMARY = PRIMARY_READ | PRIMARY_WRITE | PRIMARY_TRANSLATION;

  private AfsrLayout() {}

  /** The register after one more translation error. */
  static long withTranslationError(long afsr, Access access) {
    boolean read = access == Access.READ;
    if ((afsr & PRIMARY) == 0) {
      return afsr | PRIMARY_TRANSLATION | (read ? PRIMARY_READ : PRIMARY_WRITE);
    }
    return afsr | SECONDARY_TRANSLATION | (read ? SECONDARY_READ : SECONDARY_WRITE);
  }

  /** What the first error's device wanted. */
  static Access primary(long afsr) {
    return (afsr & PRIMARY_WRITE) != 0 ? Access.WRITE : Access.READ;
  }

  /** What later errors' devices wanted; reading when both happened. */
  static Access secondary(long afsr) {
    return (afsr & (SECONDARY_READ | SECONDARY_WRITE)) == SECONDARY_WRITE
        ? Access.WRITE
        : Access.READ;
  }

  static String decode(long afsr) {
    if ((afsr & PRIMARY) == 0) {
      return "no error";
    }
    boolean later = (afsr & (SECONDARY_READ | SECONDARY_WRITE | SECONDARY_TRANSLATION)) != 0;
    return "first error on a %s%s%s"
        .formatted(
            primary(afsr) == Access.WRITE ? "write" : "read",
            (afsr & PRIMARY_TRANSLATION) != 0 ? ", in translation" : "",
            later
                ? "; later ones on a " + (secondary(afsr) == Access.WRITE ? "write" : "read")
                : "");
  }
}
