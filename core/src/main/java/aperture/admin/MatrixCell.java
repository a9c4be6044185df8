package aperture.admin;

import java.util.Optional;

/**
 * What happened in one case.
 *
 * @param mode letter of the path mode
 * @param driver driver kind
 * @param offered whether the device offers bit 33
 * @param strict whether it refuses a driver that does not accept it
 * @param unacked {@code PHYSICAL} or {@code TRANSLATED}: addresses of a driver that did not, where
 *     it is not refused
 * @param outcome what happened; empty where the case came to no verdict
 * @param machines machine types it happened on, joined by comma
 * @param evidence what was seen; empty where the case did not get so far
 * @param reason what that means, or why there is no verdict, in one line
 */
public record MatrixCell(
    String mode,
    String driver,
    boolean offered,
    boolean strict,
    String unacked,
    Optional<Outcome> outcome,
    String machines,
    String evidence,
    String reason) {}
