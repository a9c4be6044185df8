package aperture.console.format;

import aperture.iommu.Access;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One value as people read it. */
public final class Values {

  static final String NOTHING = "-";

  private static final String MICROS = "Micros";

  private Values() {}

  /** The word for an enum's constant, the same in text and JSON. */
  public static String word(Enum<?> constant) {
    if (constant instanceof Access access) {
      return access == Access.READ ? "r" : "w";
    }
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A name in column heads and before values: {@code defaultIommu} is {@code default iommu}. */
  static String label(String name) {
    String stem = name.endsWith(MICROS) ? name.substring(0, name.length() - MICROS.length()) : name;
    return stem.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
  }

  /**
   * The value of a component in one line.
   *
   * @param name the component's
   */
  static String text(String name, @Nullable Object value) {
    String text =
        switch (value) {
          case null -> "";
          case Optional<?> optional -> optional.map(v -> text(name, v)).orElse("");
          case OptionalLong optional ->
              optional.isPresent() ? text(name, optional.getAsLong()) : "";
          case Boolean truth -> truth ? "yes" : "no";
          case Enum<?> constant -> word(constant);
          case Duration duration -> time(duration.toNanos() / 1000);
          case Long number when Fields.isHex(name, number) -> "0x" + Long.toHexString(number);
          case Long number when name.endsWith(MICROS) -> time(number);
          case Long number when name.startsWith("memory") -> bytes(number);
          case Collection<?> many ->
              many.stream().map(v -> text(name, v)).collect(Collectors.joining(", "));
          case Map<?, ?> map ->
              map.entrySet().stream()
                  .map(e -> e.getKey() + "=" + text(String.valueOf(e.getKey()), e.getValue()))
                  .sorted()
                  .collect(Collectors.joining(", "));
          case Record record when Fields.isOurs(record) -> part(record);
          default -> printable(value.toString());
        };
    return text.isEmpty() ? NOTHING : text;
  }

  /** The name of a record: its first component. */
  static String part(Object record) {
    var components = record.getClass().getRecordComponents();
    return components.length == 0
        ? record.toString()
        : text(components[0].getName(), Fields.get(components[0], record));
  }

  /** A guest, a file name or a stranger's bundle must not steer the terminal. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}]", "?");
  }

  /** A time from microseconds on, in the unit that suits it. */
  static String time(long micros) {
    if (micros < 1000) {
      return micros + " us";
    }
    return micros < 1_000_000
        ? String.format(Locale.ROOT, "%.2f ms", micros / 1e3)
        : String.format(Locale.ROOT, "%.2f s", micros / 1e6);
  }

  /** Bytes with a unit where that is exact. */
  static String bytes(long bytes) {
    String units = "KMGT";
    int unit = -1;
    long left = bytes;
    while (left >= 1024 && left % 1024 == 0 && unit < units.length() - 1) {
      left /= 1024;
      unit++;
    }
    return unit < 0 ? Long.toString(bytes) : left + "" + units.charAt(unit);
  }
}
