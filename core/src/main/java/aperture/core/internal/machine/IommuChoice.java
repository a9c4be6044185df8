package aperture.core.internal.machine;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An IOMMU as an operator writes it: a kind, and perhaps options of it, {@code
 * kind,name=value,name=value}.
 *
 * @param kind the kind, or the word for none
 * @param options values by name, core's own among them
 */
record IommuChoice(String kind, Map<String, String> options) {

  /** What devices get: an option that core itself understands, whatever the kind. */
  private static final String DOMAIN = "domain";

  private static final String IDENTITY = "identity";
  private static final List<String> DOMAINS = List.of(IDENTITY, "translating");

  IommuChoice {
    options = Map.copyOf(options);
  }

  /** Whether devices get the identity instead of address spaces of their own. */
  boolean identity() {
    return IDENTITY.equals(options.get(DOMAIN));
  }

  /** The options for the kind. */
  Map<String, String> kindOptions() {
    Map<String, String> left = new LinkedHashMap<>(options);
    left.remove(DOMAIN);
    return left;
  }

  static IommuChoice parse(String text) throws ControlException {
    String[] words = text.split(",", -1);
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals <= 0) {
        throw ControlException.usage("IOMMU '%s': '%s' is no NAME=VALUE".formatted(text, words[i]));
      }
      String name = words[i].substring(0, equals);
      if (options.put(name, words[i].substring(equals + 1)) != null) {
        throw ControlException.usage("IOMMU '%s': '%s' is there twice".formatted(text, name));
      }
    }
    String domain = options.get(DOMAIN);
    if (domain != null && !DOMAINS.contains(domain)) {
      throw ControlException.usage(Nearest.unknown("domain of an IOMMU", domain, DOMAINS));
    }
    return new IommuChoice(words[0], options);
  }
}
