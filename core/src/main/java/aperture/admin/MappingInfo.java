package aperture.admin;

/**
 * A live mapping made through the driver face.
 *
 * @param machine the machine
 * @param endpoint the endpoint
 * @param iova first address, in hexadecimal
 * @param gpa what it means, in hexadecimal
 * @param size bytes
 * @param permission {@code r}, {@code w} or {@code rw}
 */
public record MappingInfo(
    String machine, String endpoint, String iova, String gpa, long size, String permission) {}
