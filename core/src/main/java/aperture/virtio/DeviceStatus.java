package aperture.virtio;

/**
 * Bits of the device status register, and their names.
 *
 * <pre>
 *   7      6           5  4        3            2          1       0
 *   FAILED NEEDS_RESET -  SUSPEND  FEATURES_OK  DRIVER_OK  DRIVER  ACKNOWLEDGE
 * </pre>
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Device Status Field".
 */
public final class DeviceStatus {

  public static final int ACKNOWLEDGE = 1;
  public static final int DRIVER = 2;
  public static final int DRIVER_OK = 4;
  public static final int FEATURES_OK = 8;
  public static final int SUSPEND = 16;
  public static final int NEEDS_RESET = 64;
  public static final int FAILED = 128;

  private static final String[] NAMES = {
    "ACKNOWLEDGE", "DRIVER", "DRIVER_OK", "FEATURES_OK", "SUSPEND", "", "NEEDS_RESET", "FAILED"
  };

  private DeviceStatus() {}

  /** The names of the bits set, joined by {@code |}; {@code RESET} for 0. */
  public static String describe(int status) {
    StringBuilder names = new StringBuilder();
    for (int bit = 0; bit < NAMES.length; bit++) {
      if ((status >>> bit & 1) != 0) {
        names.append(names.isEmpty() ? "" : "|").append(NAMES[bit]);
      }
    }
    return names.isEmpty() ? "RESET" : names.toString();
  }
}
