package aperture.devices.blk;

import aperture.machine.RowProperty;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.DeviceSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The options of a block device, checked.
 *
 * @param store name of what the bytes come from
 * @param readOnly whether the guest may only read
 * @param queues number of request queues
 * @param queueSize size of each queue, a power of two
 * @param serial what get-id answers, at most 20 bytes in UTF-8
 * @param blockSize logical block size in bytes: 512 or 4096
 * @param discard whether discard is offered
 * @param writeZeroes whether write-zeroes is offered
 */
record BlkOptions(
    String store,
    boolean readOnly,
    int queues,
    int queueSize,
    String serial,
    int blockSize,
    boolean discard,
    boolean writeZeroes) {

  private static final String READ_ONLY = "read-only";
  private static final String QUEUES = "queues";
  private static final String QUEUE_SIZE = "queue-size";
  private static final String SERIAL = "serial";
  private static final String BLOCK_SIZE = "block-size";
  private static final String DISCARD = "discard";
  private static final String WRITE_ZEROES = "write-zeroes";
  private static final String ON = "on";
  private static final String OFF = "off";

  /** For help and completion. */
  static final List<DeviceOption> DESCRIPTIONS =
      List.of(
          new DeviceOption(READ_ONLY, "offer the disk for reading only", false, true, List.of()),
          option(QUEUES, "number of request queues, 1 to " + BlkLimits.MAX_QUEUES),
          option(QUEUE_SIZE, "entries of each queue, a power of two"),
          option(SERIAL, "identification, at most 20 bytes; the device's name if not given"),
          new DeviceOption(
              BLOCK_SIZE, "logical block size in bytes", false, false, List.of("512", "4096")),
          onOff(DISCARD, "offer discard"),
          onOff(WRITE_ZEROES, "offer write-zeroes"));

  /** Names of the options that are not the store's. */
  static final Set<String> NAMES =
      DESCRIPTIONS.stream().map(DeviceOption::name).collect(Collectors.toUnmodifiableSet());

  private static DeviceOption option(String name, String description) {
    return new DeviceOption(name, description, false, false, List.of());
  }

  private static DeviceOption onOff(String name, String description) {
    return new DeviceOption(name, description, false, false, List.of(ON, OFF));
  }

  static BlkOptions parse(DeviceSettings settings) throws DeviceConfigurationException {
    String serial = settings.option(SERIAL).orElse(null);
    if (serial == null) {
      serial = shortened(settings.id());
    } else if (bytes(serial) > BlkRequestLayout.ID_BYTES) {
      throw new DeviceConfigurationException(
          "--serial %s has %d bytes; at most %d fit: shorten it"
              .formatted(serial, bytes(serial), BlkRequestLayout.ID_BYTES));
    }
    return new BlkOptions(
        StoreChoice.name(settings),
        settings.option(READ_ONLY).filter(value -> !value.equals(OFF)).isPresent(),
        number(settings, QUEUES, RowProperty.BLK_QUEUES, 1, 1, BlkLimits.MAX_QUEUES),
        queueSize(settings),
        serial,
        blockSize(settings),
        onOff(settings, DISCARD, RowProperty.BLK_DISCARD),
        onOff(settings, WRITE_ZEROES, RowProperty.BLK_WRITE_ZEROES));
  }

  private static int queueSize(DeviceSettings settings) throws DeviceConfigurationException {
    int size =
        number(
            settings,
            QUEUE_SIZE,
            RowProperty.BLK_QUEUE_SIZE,
            BlkLimits.DEFAULT_QUEUE_SIZE,
            BlkLimits.MIN_QUEUE_SIZE,
            BlkLimits.MAX_QUEUE_SIZE);
    if (Integer.bitCount(size) != 1) {
      throw new DeviceConfigurationException(
          "--queue-size %d is no power of two: take %d"
              .formatted(size, Integer.highestOneBit(size)));
    }
    return size;
  }

  private static int blockSize(DeviceSettings settings) throws DeviceConfigurationException {
    String value = settings.option(BLOCK_SIZE).orElse("512");
    return switch (value) {
      case "512" -> 512;
      case "4096" -> 4096;
      default ->
          throw new DeviceConfigurationException(
              "--block-size %s is not possible: take 512 or 4096".formatted(value));
    };
  }

  private static int number(
      DeviceSettings settings, String name, String property, int otherwise, int least, int most)
      throws DeviceConfigurationException {
    String value =
        settings.option(name).or(() -> settings.row().property(property)).orElse("" + otherwise);
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new DeviceConfigurationException(
          "--%s %s is no number: take %d to %d".formatted(name, value, least, most), e);
    }
    throw new DeviceConfigurationException(
        "--%s %s is out of range: take %d to %d".formatted(name, value, least, most));
  }

  private static boolean onOff(DeviceSettings settings, String name, String property)
      throws DeviceConfigurationException {
    String value = settings.option(name).or(() -> settings.row().property(property)).orElse(ON);
    return switch (value) {
      case ON -> true;
      case OFF -> false;
      default ->
          throw new DeviceConfigurationException(
              "--%s %s is not possible: take on or off".formatted(name, value));
    };
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** A name that does not fit loses its end, by whole characters. */
  private static String shortened(String name) {
    String text = name;
    while (bytes(text) > BlkRequestLayout.ID_BYTES) {
      text = text.substring(0, text.offsetByCodePoints(text.length(), -1));
    }
    return text;
  }
}
