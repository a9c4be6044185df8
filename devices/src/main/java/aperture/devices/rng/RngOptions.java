package aperture.devices.rng;

import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import java.util.List;

/**
 * The options of an entropy device, checked.
 *
 * @param maxBytes bytes that the guest may take in a period; {@link #UNLIMITED} for no limit
 * @param periodMillis length of the period
 */
record RngOptions(long maxBytes, long periodMillis) {

  static final long UNLIMITED = Long.MAX_VALUE;

  private static final String MAX_BYTES = "max-bytes";
  private static final String PERIOD = "period-ms";
  private static final long DEFAULT_PERIOD = 1000;
  private static final long LONGEST_PERIOD = 3_600_000;

  /** For help and completion. */
  static final List<DeviceOption> DESCRIPTIONS =
      List.of(
          new DeviceOption(
              MAX_BYTES, "bytes that the guest may take in a period", false, false, List.of()),
          new DeviceOption(
              PERIOD, "length of the period in milliseconds", false, false, List.of()));

  static RngOptions parse(DeviceSettings settings) throws DeviceConfigurationException {
    long maxBytes = number(settings, MAX_BYTES, UNLIMITED, Long.MAX_VALUE);
    long period = number(settings, PERIOD, DEFAULT_PERIOD, LONGEST_PERIOD);
    if (maxBytes == UNLIMITED && settings.option(PERIOD).isPresent()) {
      throw new DeviceConfigurationException(
          "--%s %d limits nothing by itself: give --%s too".formatted(PERIOD, period, MAX_BYTES));
    }
    return new RngOptions(maxBytes, period);
  }

  private static long number(DeviceSettings settings, String name, long otherwise, long most)
      throws DeviceConfigurationException {
    String value = settings.option(name).orElse(null);
    if (value == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new DeviceConfigurationException(
          "--%s %s is no number: take 1 or more".formatted(name, value), e);
    }
    throw new DeviceConfigurationException(
        "--%s %s is out of range: take 1 to %d".formatted(name, value, most));
  }

  String describe() {
    return maxBytes == UNLIMITED ? "none" : "%d bytes in %d ms".formatted(maxBytes, periodMillis);
  }
}
