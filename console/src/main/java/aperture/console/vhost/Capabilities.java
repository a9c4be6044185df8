package aperture.console.vhost;

import aperture.admin.ControlException;
import java.util.List;

/**
 * What a back end says of itself to management software, which looks for it in QEMU's terms.
 *
 * <p>QEMU, docs/interop/vhost-user.json, "vhost user backend discovery and capabilities".
 */
public final class Capabilities {

  /**
   * A back end of block devices.
   *
   * @param type its sort
   * @param features options of QEMU's conventions that it takes
   */
  private record Block(String type, List<String> features) {}

  /**
   * Any other.
   *
   * @param type its sort
   */
  private record Plain(String type) {}

  private Capabilities() {}

  /**
   * The capabilities of a device type, as a record.
   *
   * @throws ControlException when QEMU has no word for the type
   */
  public static Record of(String deviceType) throws ControlException {
    return switch (deviceType) {
      case "blk" -> new Block("block", List.of("blk-file", "read-only"));
      case "rng" -> new Plain("rng");
      default ->
          throw new ControlException(
              ControlException.Kind.CAPABILITY_MISSING,
              "the conventions of vhost-user back ends have no word for device type " + deviceType);
    };
  }
}
