package aperture.console;

/**
 * The size of what is behind a device.
 *
 * @param id its name
 * @param bytes its size by now, in whole blocks
 */
public record DeviceSize(String id, long bytes) {}
