package aperture.arch.x86.vtd;

import aperture.iommu.Endpoint;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint asks, as its attributes say. Without any it asks as most devices do: untranslated
 * addresses, no PASID.
 *
 * <ul>
 *   <li>{@code pasid}: all its requests carry this PASID, at most 20 bits.
 *   <li>{@code request}: {@code untranslated}, {@code translation} (an address translation request
 *       of PCI Express ATS) or {@code translated} (the address came from such a request).
 * </ul>
 */
final class Requests {

  static final String PASID = "pasid";
  static final String TYPE = "request";

  static final int NO_PASID = -1;

  static final int UNTRANSLATED = 0;
  static final int TRANSLATION = 1;
  static final int TRANSLATED = 2;

  private static final int MALFORMED = -2;
  private static final int PASID_BITS = 20;
  private static final int HEXADECIMAL = 16;
  private static final String HEXADECIMAL_PREFIX = "0x";

  private Requests() {}

  /** Why the attributes mean nothing; empty when they do. */
  static String problem(Endpoint endpoint) {
    Map<String, String> attributes = endpoint.attributes();
    if (parsed(attributes.get(PASID)) == MALFORMED) {
      return "%s: '%s' is no PASID".formatted(endpoint.id(), attributes.get(PASID));
    }
    if (typed(attributes.get(TYPE)) == MALFORMED) {
      return "%s: '%s' is no type of request".formatted(endpoint.id(), attributes.get(TYPE));
    }
    return "";
  }

  /** The PASID of an endpoint's requests, or {@link #NO_PASID}. */
  static int pasid(Endpoint endpoint) {
    Map<String, String> attributes = endpoint.attributes();
    return attributes.isEmpty() ? NO_PASID : Math.max(parsed(attributes.get(PASID)), NO_PASID);
  }

  /** The type of an endpoint's requests. */
  static int type(Endpoint endpoint) {
    Map<String, String> attributes = endpoint.attributes();
    return attributes.isEmpty()
        ? UNTRANSLATED
        : Math.max(typed(attributes.get(TYPE)), UNTRANSLATED);
  }

  private static int parsed(@Nullable String text) {
    if (text == null) {
      return NO_PASID;
    }
    boolean hexadecimal = text.startsWith(HEXADECIMAL_PREFIX);
    int from = hexadecimal ? HEXADECIMAL_PREFIX.length() : 0;
    int radix = hexadecimal ? HEXADECIMAL : 10;
    int value = 0;
    for (int i = from; i < text.length(); i++) {
      int digit = Character.digit(text.charAt(i), radix);
      value = value * radix + digit;
      if (digit < 0 || value >>> PASID_BITS != 0) {
        return MALFORMED;
      }
    }
    return text.length() > from ? value : MALFORMED;
  }

  private static int typed(@Nullable String word) {
    if (word == null) {
      return UNTRANSLATED;
    }
    return switch (word) {
      case "untranslated" -> UNTRANSLATED;
      case "translation" -> TRANSLATION;
      case "translated" -> TRANSLATED;
      default -> MALFORMED;
    };
  }
}
