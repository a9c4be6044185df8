package aperture.admin;

/**
 * A driver kind present.
 *
 * @param kind its word
 * @param summary one line
 */
public record DriverKindInfo(String kind, String summary) {}
