package aperture.arch.x86.vtd;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.InvalidationMode;
import java.util.Map;
import java.util.Set;

/**
 * What an operator can choose about a VT-d unit and its driver.
 *
 * <ul>
 *   <li>{@code aw-bits}: address width of the unit, 39, 48 or 57; what a register store that is in
 *       use says goes before it.
 *   <li>{@code mode}: {@code legacy} or {@code scalable}, in which tables are built and which units
 *       that are brought up fresh know; tables that are in use go before it.
 *   <li>{@code invalidation}: {@code strict}, an unmap returns when no device reaches the page any
 *       more; or {@code lazy}, a whole domain is invalidated for many unmaps at once.
 * </ul>
 *
 * @param width of a unit that is brought up fresh
 * @param mode of a unit that is brought up fresh
 * @param invalidation when an unmap is invalidated
 */
record VtdOptions(int width, TranslationMode mode, InvalidationMode invalidation) {

  static final String WIDTH = "aw-bits";
  static final Set<String> NAMES = Set.of(WIDTH, TranslationMode.OPTION, InvalidationMode.OPTION);

  private static final Map<String, Integer> WIDTHS =
      Map.of(
          "39", CapabilityLayout.WIDTH_39,
          "48", CapabilityLayout.WIDTH_48,
          "57", CapabilityLayout.WIDTH_57);

  /**
   * Reads them.
   *
   * @param width where they do not say
   * @throws AttachRefusedException when a value makes no sense
   */
  static VtdOptions of(Map<String, String> options, int width) throws AttachRefusedException {
    String wanted = options.getOrDefault(WIDTH, String.valueOf(width));
    Integer bits = WIDTHS.get(wanted);
    if (bits == null) {
      throw new AttachRefusedException("%s=%s: 39, 48 or 57".formatted(WIDTH, wanted));
    }
    return new VtdOptions(bits, TranslationMode.of(options), InvalidationMode.of(options));
  }
}
