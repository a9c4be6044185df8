package aperture.console;

/**
 * The global settings, for devices added afterwards.
 *
 * @param offer {@code on}, {@code off} or {@code unset}
 * @param strict {@code on}, {@code off} or {@code unset}
 */
public record PolicySettings(String offer, String strict) {}
