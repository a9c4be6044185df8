package aperture.arch.ppc.tce;

import aperture.iommu.Endpoint;
import java.util.Locale;

/**
 * How the kernel uses a second window for endpoints that can express 64-bit addresses. The
 * attribute {@code ddw} of an endpoint says it; without it the kind does.
 */
enum DdwUse {
  /** Not at all: the default window for everybody. */
  NONE(0),

  /** Pages are mapped and unmapped in it one by one, as in the default window. */
  DYNAMIC(1),

  /**
   * All memory is mapped in it once, for reading and writing. Mapping costs nothing, and protects
   * nothing: an unmapped page stays within reach, and one page has one address however often it is
   * mapped.
   */
  DIRECT(2);

  static final String ATTRIBUTE = "ddw";

  private final int code;

  DdwUse(int code) {
    this.code = code;
  }

  /** How it is noted in a register. */
  int code() {
    return code;
  }

  static DdwUse ofCode(long code) {
    return code == DYNAMIC.code ? DYNAMIC : code == DIRECT.code ? DIRECT : NONE;
  }

  static DdwUse of(Endpoint endpoint, DdwUse byDefault) {
    String word = endpoint.attributes().get(ATTRIBUTE);
    if (word == null) {
      return byDefault;
    }
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "direct" -> DIRECT;
      case "dynamic" -> DYNAMIC;
      default -> NONE;
    };
  }
}
