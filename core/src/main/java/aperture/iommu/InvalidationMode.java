package aperture.iommu;

import java.util.Locale;
import java.util.Map;

/**
 * When a table driver invalidates what it unmaps: the operator's choice, one option for every kind
 * whose kernel driver has it.
 */
public enum InvalidationMode {
  /** Within each unmap: when it returns, no device reaches the page any more. */
  STRICT,
  /** Later, for many unmaps at once ({@link IommuTableDriver#deferred}). */
  LAZY;

  /** Name of the option, for {@link IommuBehavior#options()}. */
  public static final String OPTION = "invalidation";

  /** How an operator writes it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What was chosen; strict when nothing was.
   *
   * @throws AttachRefusedException when the value is none of the two
   */
  public static InvalidationMode of(Map<String, String> options) throws AttachRefusedException {
    String chosen = options.getOrDefault(OPTION, STRICT.word());
    for (InvalidationMode mode : values()) {
      if (mode.word().equals(chosen)) {
        return mode;
      }
    }
    throw new AttachRefusedException(
        "%s=%s: %s or %s".formatted(OPTION, chosen, STRICT.word(), LAZY.word()));
  }
}
