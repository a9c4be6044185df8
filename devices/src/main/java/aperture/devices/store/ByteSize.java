package aperture.devices.store;

import aperture.virtio.DeviceConfigurationException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes as people write it: 1048576, 64M, 1GiB. */
final class ByteSize {

  private static final Pattern SIZE =
      Pattern.compile("(?<number>[0-9]{1,18})((?<unit>[KMGT])(iB|B)?)?", Pattern.CASE_INSENSITIVE);
  private static final int BITS_PER_UNIT = 10;

  private ByteSize() {}

  /**
   * Reads the value of an option.
   *
   * @param most largest value allowed
   */
  static long parse(String option, String text, long most) throws DeviceConfigurationException {
    Matcher parts = SIZE.matcher(text);
    if (!parts.matches()) {
      throw new DeviceConfigurationException(
          "--%s %s is no size: take a number of bytes, or one with K, M or G, for example 64M"
              .formatted(option, text));
    }
    long number = Long.parseLong(parts.group("number"));
    String unit = parts.group("unit");
    int shift =
        unit == null ? 0 : BITS_PER_UNIT * ("KMGT".indexOf(unit.toUpperCase(Locale.ROOT)) + 1);
    if (number == 0 || number > most >> shift) {
      throw new DeviceConfigurationException(
          "--%s %s is out of range: take 1 to %s".formatted(option, text, text(most)));
    }
    return number << shift;
  }

  /** With the largest unit that divides it. */
  static String text(long bytes) {
    int units = bytes == 0 ? 0 : Math.min(Long.numberOfTrailingZeros(bytes) / BITS_PER_UNIT, 4);
    return units == 0
        ? bytes + " bytes"
        : (bytes >> units * BITS_PER_UNIT) + " KMGT".substring(units, units + 1) + "iB";
  }
}
