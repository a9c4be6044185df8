package aperture.console.line;

import aperture.admin.ControlException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers and sizes on the command line. */
public final class Numbers {

  private static final Pattern SIZE =
      Pattern.compile(
          "(?<number>0x[0-9a-f]+|[0-9]+)((?<unit>[KMGT])(iB|B)?)?", Pattern.CASE_INSENSITIVE);

  private Numbers() {}

  /** A 64-bit unsigned number, decimal or hexadecimal. */
  public static long unsigned(String what, String text) throws ControlException {
    try {
      boolean hex = text.startsWith("0x") || text.startsWith("0X");
      String digits = hex ? text.substring(2) : text;
      if (!digits.isEmpty() && Character.digit(digits.charAt(0), 16) >= 0) { // no sign
        return Long.parseUnsignedLong(digits, hex ? 16 : 10);
      }
    } catch (NumberFormatException e) {
      // Said below, for all that is no number.
    }
    throw ControlException.usage(
        "%s '%s' is no number (decimal, or hexadecimal with 0x)".formatted(what, text));
  }

  /** A number between two others. */
  public static long within(String what, String text, long least, long most)
      throws ControlException {
    long value = unsigned(what, text);
    if (value < least || value > most) {
      throw ControlException.usage(
          "%s %s is out of range (%d to %d)".formatted(what, text, least, most));
    }
    return value;
  }

  /** A number of bytes, at least 1, with an optional K, M, G or T. */
  public static long size(String what, String text) throws ControlException {
    Matcher parts = SIZE.matcher(text);
    if (!parts.matches()) {
      throw wrongSize(what, text);
    }
    long value;
    try {
      value = unsigned(what, parts.group("number"));
    } catch (ControlException e) {
      throw wrongSize(what, text);
    }
    String unit = parts.group("unit");
    int shift = unit == null ? 0 : 10 * ("KMGT".indexOf(unit.toUpperCase(Locale.ROOT)) + 1);
    if (value <= 0 || value > Long.MAX_VALUE >> shift) {
      throw wrongSize(what, text);
    }
    return value << shift;
  }

  /** A size that may be left out. */
  public static OptionalLong maybeSize(String what, Optional<String> text) throws ControlException {
    return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(size(what, text.get()));
  }

  private static ControlException wrongSize(String what, String text) {
    return ControlException.usage(
        "%s '%s' is no size (a number of bytes, or one with K, M or G, for example 64M)"
            .formatted(what, text));
  }
}
