package aperture.console;

/**
 * What runs.
 *
 * @param aperture version of the platform
 * @param java version of the JDK
 * @param framework the OSGi framework and its version
 * @param os operating system and processor
 */
public record VersionInfo(String aperture, String java, String framework, String os) {}
