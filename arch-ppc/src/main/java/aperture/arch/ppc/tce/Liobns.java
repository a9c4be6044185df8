package aperture.arch.ppc.tce;

import aperture.iommu.Endpoint;

/**
 * What an endpoint's attributes say of its windows: {@code liobn} names the default window of its
 * host bridge, {@code windows} lists all of them, comma separated. Numbers are hexadecimal. Without
 * a list it is all that the bridge has; an endpoint without either is behind the first host bridge.
 */
final class Liobns {

  static final String DEFAULT_WINDOW = "liobn";
  static final String WINDOWS = "windows";

  /** More windows than a bridge can have; what lies beyond is not looked at. */
  private static final int MAX_WINDOWS = 16;

  private Liobns() {}

  /**
   * The default window.
   *
   * @throws NumberFormatException when the attribute is no number
   */
  static long defaultOf(Endpoint endpoint) {
    String text = endpoint.attributes().get(DEFAULT_WINDOW);
    return text == null ? HostBridge.DEFAULT_LIOBN : parse(text);
  }

  /**
   * All windows.
   *
   * @throws NumberFormatException when an attribute holds something that is no number
   */
  static long[] allOf(Endpoint endpoint) {
    String text = endpoint.attributes().get(WINDOWS);
    if (text == null || text.isBlank()) {
      return new long[] {defaultOf(endpoint)};
    }
    String[] words = text.split(",", MAX_WINDOWS + 1);
    long[] liobns = new long[Math.min(words.length, MAX_WINDOWS)];
    for (int i = 0; i < liobns.length; i++) {
      liobns[i] = parse(words[i]);
    }
    return liobns;
  }

  /** Whether the endpoint lists its windows. */
  static boolean namesAll(Endpoint endpoint) {
    String text = endpoint.attributes().get(WINDOWS);
    return text != null && !text.isBlank();
  }

  /** Whether the endpoint is behind the bridge with that default window. */
  static boolean isBehind(Endpoint endpoint, long defaultLiobn) {
    try {
      return defaultOf(endpoint) == defaultLiobn;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static long parse(String text) {
    String digits = text.strip();
    int from = digits.startsWith("0x") || digits.startsWith("0X") ? 2 : 0;
    return Long.parseUnsignedLong(digits, from, digits.length(), 16);
  }
}
