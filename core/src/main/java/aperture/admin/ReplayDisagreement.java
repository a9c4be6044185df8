package aperture.admin;

/**
 * A question answered otherwise than recorded.
 *
 * @param endpoint who asked
 * @param iova address, in hexadecimal
 * @param access {@code r} or {@code w}
 * @param expected the recorded answer
 * @param actual ours
 * @param lastStep the last structure that the walk read: name, address, raw value, fields
 */
public record ReplayDisagreement(
    String endpoint, String iova, String access, String expected, String actual, String lastStep) {}
