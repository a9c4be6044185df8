package aperture.vhostuser;

/**
 * A translation that a front end gave.
 *
 * @param iova first address
 * @param size bytes
 * @param gpa guest-physical address of the first byte
 * @param read whether it was asked for to read
 * @param write whether it was asked for to write
 */
public record VhostTranslation(long iova, long size, long gpa, boolean read, boolean write) {}
