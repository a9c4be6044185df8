package aperture.admin;

/**
 * One feature bit of a device.
 *
 * @param bit number
 * @param name its name, or {@code bit N} when unknown
 * @param meaning one line
 * @param offered whether the device offers it
 * @param accepted whether the driver accepted it
 */
public record FeatureInfo(
    int bit, String name, String meaning, boolean offered, boolean accepted) {}
