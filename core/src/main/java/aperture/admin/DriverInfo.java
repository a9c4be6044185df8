package aperture.admin;

/**
 * A driver bound, or trying to be, to a device.
 *
 * @param device the device
 * @param kind driver kind
 * @param state where it stands
 * @param accepted features accepted, in hexadecimal
 * @param addresses whose addresses it posts: {@code bus} or {@code physical}
 * @param reason why it is not bound, empty when it is
 */
public record DriverInfo(
    String device, String kind, String state, String accepted, String addresses, String reason) {}
