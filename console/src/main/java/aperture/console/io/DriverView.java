package aperture.console.io;

import aperture.admin.DriverInfo;
import java.util.Optional;

/**
 * A driver and its I/O.
 *
 * @param device the device
 * @param kind driver kind
 * @param state where it stands
 * @param accepted features accepted, in hexadecimal
 * @param addresses whose addresses it posts
 * @param reason why it is not bound, empty when it is
 * @param io the I/O that runs, or the last one
 */
public record DriverView(
    String device,
    String kind,
    String state,
    String accepted,
    String addresses,
    String reason,
    Optional<IoResult> io) {

  public static DriverView of(DriverInfo info, Optional<IoResult> io) {
    return new DriverView(
        info.device(),
        info.kind(),
        info.state(),
        info.accepted(),
        info.addresses(),
        info.reason(),
        io);
  }
}
