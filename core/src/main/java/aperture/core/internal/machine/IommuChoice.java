package aperture.core.internal.machine;

import aperture.admin.ControlException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An IOMMU as an operator writes it: a kind, and perhaps options of it, {@code
 * kind,name=value,name=value}.
 *
 * @param kind the kind, or the word for none
 * @param options values by name
 */
record IommuChoice(String kind, Map<String, String> options) {

  IommuChoice {
    options = Map.copyOf(options);
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
    return new IommuChoice(words[0], options);
  }
}
